//! The help of a tool as a subcommand: its examples call it by the name under which it is run.

use clap::Command;

/// The command with every call of a tool in its help as one of `gomod`.
pub(crate) fn within_gomod(command: Command, tools: &[String]) -> Command {
    let own = command.get_name().to_owned();
    reworded(command, &|text: &str| worded(text, &own, tools))
}

fn reworded(mut command: Command, worded: &dyn Fn(&str) -> String) -> Command {
    if let Some(text) = command.get_after_help().map(|text| worded(&text.to_string())) {
        command = command.after_help(text);
    }
    if let Some(text) = command.get_about().map(|text| worded(&text.to_string())) {
        command = command.about(text);
    }
    if let Some(text) = command.get_long_about().map(|text| worded(&text.to_string())) {
        command = command.long_about(text);
    }
    let command = command.mut_args(|arg| {
        let help = arg.get_help().map(|text| worded(&text.to_string()));
        let long_help = arg.get_long_help().map(|text| worded(&text.to_string()));
        let arg = if let Some(text) = help { arg.help(text) } else { arg };
        if let Some(text) = long_help { arg.long_help(text) } else { arg }
    });
    command.mut_subcommands(|command| reworded(command, worded))
}

/// A shell line calls the tool whose help it is in; words in backquotes may call any.
fn worded(text: &str, own: &str, tools: &[String]) -> String {
    let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
    for line in &mut lines {
        if line.trim_start().starts_with("$ ") {
            let call = format!("{own} ");
            let starts_word = |at: &usize| line[..*at].ends_with([' ', '(']);
            let at = line.match_indices(&call).map(|(at, _)| at).find(starts_word);
            if let Some(at) = at {
                line.insert_str(at, "gomod ");
            }
        }
        for tool in tools {
            *line = line.replace(&format!("`{tool} "), &format!("`gomod {tool} "));
        }
    }
    lines.join("\n")
}
