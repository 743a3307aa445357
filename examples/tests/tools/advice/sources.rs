//! What is said of a source, or of the HTTP proxy before it.

use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply};

use super::scene::Scene;
use crate::download::world::ALPHA;

followed! {
    a_server_that_is_no_module_proxy: "something else than a module proxy answered", |words| {
        let mut scene = Scene::unproven(ALPHA);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::Any, Fault::html(), 0);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_time_that_the_server_says: "the server says later (Retry-After): try again in {}", |words| {
        let mut scene = Scene::unproven(ALPHA);
        scene.goproxy = scene.ill_once(Endpoint::Info, Fault::RetryAfter { code: 503, seconds: 3600 });
        scene.advises(words);
        scene.is_well();
    };
    a_storage_that_refuses_once: "it was {} that refused, to which the proxy had redirected", |words| {
        let mut scene = Scene::unproven(ALPHA);
        let storage = scene.ill_once(Endpoint::Any, Fault::status(403));
        let location = format!("{storage}/{{path}}");
        scene.goproxy = scene.ill(Endpoint::Zip, Fault::Redirect { code: 302, location }, 0);
        scene.advises(words);
        scene.is_well();
    };
    a_url_with_https: "credentials are sent over https alone: write the proxy's URL in GOPROXY with https; or {}", |words| {
        let mut scene = Scene::unproven(ALPHA);
        let secure = scene.refuses(401, 1);
        scene.goproxy = scene.ill(Endpoint::Any, Fault::status(401), 0);
        scene.advises(words);
        scene.goproxy = secure;
        scene.advises("give credentials for it, in netrc");
    };
    an_entry_as_the_url_has_it: "name it as the URL does, in netrc `machine {}` in place of {}; or {}", |words| {
        let mut scene = Scene::unproven(ALPHA);
        scene.goproxy = scene.refuses(401, usize::MAX);
        scene.netrc("127.0.0.1:1");
        scene.advises(words);
        scene.netrc(scene.goproxy.trim_start_matches("https://"));
        scene.advises("the credentials were sent and are not accepted: renew them");
    };
    an_entry_for_the_server: "give credentials for it, in netrc `machine {} login … password …`; or {}", |words| {
        let mut scene = Scene::unproven(ALPHA);
        scene.goproxy = scene.refuses(401, usize::MAX);
        scene.advises(words);
        scene.netrc(scene.goproxy.trim_start_matches("https://"));
        scene.advises("the credentials were sent and are not accepted: renew them");
    };
    credentials_that_are_accepted: "the credentials were sent and are not accepted: renew them", |words| {
        let mut scene = Scene::unproven(ALPHA);
        scene.goproxy = scene.refuses(401, 1);
        scene.netrc(scene.goproxy.trim_start_matches("https://"));
        scene.advises(words);
        scene.is_well();
    };
    an_http_proxy_that_is_one: "set {} to a URL such as http://proxy.corp:3128, or unset it; or name the server in NO_PROXY", |words| {
        let mut scene = Scene::through(|_| "ftp://proxy".to_owned());
        scene.advises(words);
        let good = scene.good();
        scene.is_through(Some(good));
    };
    an_http_proxy_that_asks_for_a_name: "{} must name a user and a password for this HTTP proxy", |words| {
        let mut scene = Scene::through(|scene| scene.ill_once(Endpoint::Any, Fault::status(407)));
        scene.advises(words);
        let good = scene.proxies.last().unwrap().url().replace("http://", "http://me:s3cr3t@");
        scene.is_through(Some(good));
    };
    an_http_proxy_that_fails_once: "the HTTP proxy in {} does not reach the server (status {}): try again, or name", |words| {
        let own = Fault::Reply(Reply::new(502).header("Proxy-Authenticate", "Basic realm=corp"));
        let mut scene = Scene::through(|scene| scene.ill_once(Endpoint::Any, own));
        scene.advises(words);
        scene.is_through(None);
    };
    an_http_proxy_that_allows_it: "the HTTP proxy in {} does not let this machine reach the server: have it allowed there", |words| {
        let own = Fault::Reply(Reply::new(403).header("Proxy-Authenticate", "Basic realm=corp"));
        let mut scene = Scene::through(|scene| scene.ill_once(Endpoint::Any, own));
        scene.advises(words);
        scene.is_through(None);
    };
    an_http_proxy_that_answers: "nothing answers at {}: correct {} or unset it; or name the server in NO_PROXY", |words| {
        let mut scene = Scene::through(|_| LoopbackProxy::refused_url());
        scene.advises(words);
        let good = scene.good();
        scene.is_through(Some(good));
    };
    either_fails_once: "the HTTP proxy in {} does not reach the server, or the server fails: try again, or name the server in NO_PROXY", |words| {
        let mut scene = Scene::through(|scene| scene.ill_once(Endpoint::Any, Fault::status(502)));
        scene.advises(words);
        scene.is_through(None);
    };
    either_allows_it: "the HTTP proxy in {} or the server behind it refuses: ask those who run them", |words| {
        let mut scene = Scene::through(|scene| scene.ill_once(Endpoint::Any, Fault::status(403)));
        scene.advises(words);
        scene.is_through(None);
    };
}
