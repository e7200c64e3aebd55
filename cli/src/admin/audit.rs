//! `berth admin audit`.

use super::api::Api;
use super::name::Name;
use super::show::Show;
use crate::error::Error;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// Print who did what as lines of JSON, the newest first. Of this registry alone: Harbor has no such export.
    Export {
        /// What happened in a project; without it, everything.
        #[arg(long)]
        project: Option<Name>,
        /// From this moment on, in UTC: 2026-11-05T06:07:08Z.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Up to this moment, in UTC.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
    },
}

impl Audit {
    pub(super) async fn run(self, api: &Api, show: Show) -> Result<(), Error> {
        let Self::Export { project, from, until } = self;
        let path = match &project {
            Some(project) => vec!["projects", project, "logs", "export"],
            None => vec!["auditlogs", "export"],
        };
        let times = [("from", from.as_deref()), ("until", until.as_deref())];
        let query: Vec<(&str, &str)> =
            times.into_iter().filter_map(|(name, time)| Some((name, time?))).collect();
        api.parts(&path, &query, |text| show.raw(text)).await
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use super::super::fake::Fake;
    use super::*;

    static PRINTED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    fn print(text: &str) -> std::io::Result<()> {
        writeln!(PRINTED.lock().unwrap(), "{text}")
    }

    #[tokio::test]
    async fn an_export_is_all_of_its_parts() {
        let fake = Fake::start_linking(|seen| {
            let (text, next) = match seen.line.split_once("before=").map(|(_, before)| before) {
                None => ("{\"id\":9}\n{\"id\":8}\n", Some(8)),
                Some("8") => ("", Some(5)),
                Some(_) => ("{\"id\":4}\n", None),
            };
            (200, next, text.to_owned())
        })
        .await;
        let export = Audit::Export {
            project: Some("team".parse().unwrap()),
            from: Some("2026-11-05T06:07:08Z".to_owned()),
            until: None,
        };
        export.run(&fake.api(true), Show::new(false, print)).await.unwrap();
        assert_eq!(*PRINTED.lock().unwrap(), b"{\"id\":9}\n{\"id\":8}\n{\"id\":4}\n");
        let lines: Vec<String> = fake.seen().into_iter().map(|seen| seen.line).collect();
        let path = "GET /api/v2.0/projects/team/logs/export?from=2026-11-05T06%3A07%3A08Z";
        assert_eq!(lines, [path.to_owned(), format!("{path}&before=8"), format!("{path}&before=5")]);
    }
}
