//! Text types are strings in JSON, and a string that is not valid is no value.

use std::fmt::Debug;

use gomod_module::{H1, ModulePath, ModuleVersion, Query, Timestamp, Version};
use serde_json::json;

fn check<'de, T>(valid: &'de str, invalid: &'de str)
where
    T: ::serde::Serialize + ::serde::Deserialize<'de> + Debug,
{
    let rewritten = |text| serde_json::from_str::<T>(text).ok().map(|value| json!(value).to_string());
    assert_eq!(rewritten(valid).as_deref(), Some(valid));
    assert_eq!(rewritten(invalid), None, "{invalid}");
}

#[test]
fn text_types_are_checked_strings() {
    check::<ModulePath>(r#""example.com/m/v2""#, r#""example.com/m/v1""#);
    check::<Version>(r#""v1.2.3""#, r#""v1.2""#);
    check::<ModuleVersion>(r#""example.com/m@v1.2.3""#, r#""example.com/m@v2.0.0""#);
    check::<Query>(r#""<=v1.2.3""#, r#""<=v1.2""#);
    check::<H1>(r#""h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=""#, r#""h1:""#);
    check::<Timestamp>(r#""2024-01-23T18:54:04Z""#, r#""2024-01-23""#);
}
