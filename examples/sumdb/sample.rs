//! All jobs, on the embedded project and its database.

use std::error::Error;
use std::fs;

use support::program::call;
use support::sample::Sample;
use tokio::runtime::Runtime;

use super::Tool;
use super::args::Args;
use super::report::Report;

pub(crate) fn run(args: &Args, runtime: &Runtime) -> Result<bool, Box<dyn Error>> {
    let sample = Sample::start()?;
    let report = Report::new(args.json, true);
    let (jobs, network) = (args.jobs, &args.network);
    let tool = Tool { env: sample.env.clone(), jobs, network, report, runtime };
    let proofs = sample.dir.join("proofs.jsonl");
    let sumdb = call("sumdb");
    let say = |text: &str| tool.report.output.text(text);
    say(&format!("$ {sumdb} lookup example.com/greeting@v1.2.0"))?;
    let mut well = tool.lookup(&["example.com/greeting@v1.2.0".parse()?], None)?;
    say(&format!("\n$ {sumdb} prove --project sample --save proofs.jsonl"))?;
    well &= tool.prove(&sample.project, Some(&proofs))?;
    say(&format!("\n$ {sumdb} check proofs.jsonl --project sample       without the database"))?;
    let requests = sample.requests();
    well &= tool.check(&proofs, Some(&sample.project))?;
    well &= sample.requests() == requests;
    say(&format!(
        "\n$ {sumdb} prove --project sample       after somebody has put another hash into go.sum"
    ))?;
    let go_sum = sample.project.join("go.sum");
    let text = fs::read_to_string(&go_sum)?;
    fs::write(&go_sum, text.replacen("h1:W", "h1:X", 1))?;
    well &= !tool.prove(&sample.project, None)?;
    fs::remove_dir_all(&sample.dir)?;
    Ok(well)
}
