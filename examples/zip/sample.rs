//! All jobs, on a module that is made for it.

use std::error::Error;
use std::fs;

use gomod_module::ModuleVersion;
use support::program::call;

use super::Tool;

pub(crate) fn run(tool: &mut Tool) -> Result<bool, Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let root = temporary.path();
    let module = ModuleVersion::parse("example.com/greeting", "v1.2.0")?;
    let dir = root.join("greeting");
    fs::create_dir_all(dir.join("internal/tool"))?;
    fs::write(dir.join("go.mod"), include_str!("../data/sample/greeting/go.mod"))?;
    fs::write(dir.join("greeting.go"), include_str!("../data/sample/greeting/greeting.go"))?;
    fs::write(dir.join("internal/tool/go.mod"), "module example.com/greeting/internal/tool\n")?;

    let zip = call("zip");
    let say = |tool: &Tool, text: &str| tool.report.output.text(text);
    say(
        tool,
        &format!("$ {zip} check-dir greeting        a directory with a module of its own inside is left out"),
    )?;
    let mut well = tool.check_dir(&dir, true)?;
    say(tool, &format!("\n$ {zip} create greeting example.com/greeting@v1.2.0 one.zip"))?;
    let one = root.join("one.zip");
    well &= tool.create(&dir, &module, &one)?;
    say(tool, &format!("\n$ {zip} check one.zip example.com/greeting@v1.2.0"))?;
    well &= tool.check(&one, &module, true)?;
    say(tool, &format!("\n$ {zip} unzip one.zip example.com/greeting@v1.2.0 out"))?;
    well &= tool.unzip(&one, &module, &root.join("out"), true)?;

    say(tool, &format!("\n$ {zip} diff one.zip two.zip      after an editor has changed line endings"))?;
    let text = fs::read_to_string(dir.join("greeting.go"))?;
    fs::write(dir.join("greeting.go"), text.replace('\n', "\r\n"))?;
    let two = root.join("two.zip");
    gomod_zip::create_from_dir(fs::File::create(&two)?, &module, &dir)?;
    well &= !tool.diff(&one, &two)?;
    Ok(well)
}
