//! The one thread that changes the index.

use std::{io, sync::mpsc, thread};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use crate::s3::{
    data::{FileId, NewFile},
    error::{Error, StoreError},
    limits::MAX_GROUPED_CHANGES,
};

/// A change in progress: a transaction, and what is to follow its commit.
pub(crate) struct Change<'a> {
    pub(crate) connection: &'a Connection,
    pub(super) effects: Effects,
    pub(super) event_prefixes: &'a [String],
}

impl Change<'_> {
    /// The files become the index's: they stay if and only if the change is committed.
    pub(crate) fn keep(&mut self, files: impl IntoIterator<Item = NewFile>) {
        self.effects.kept.extend(files);
    }
}

/// What follows a commit.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Files that rows name now.
    kept: Vec<NewFile>,
    /// Files that no row names any more.
    pub(crate) unnamed: Vec<FileId>,
    /// Whether the outbox has a new event.
    pub(crate) told: bool,
}

impl Effects {
    /// Leaves all files in place, new ones too.
    fn keep_files(&mut self) {
        self.kept.drain(..).for_each(NewFile::keep);
    }
}

/// Runs one change on the connection and returns how to tell its outcome.
type Job = Box<dyn FnOnce(&Connection, &[String]) -> Settled + Send>;

/// A change that ran and waits for the commit.
struct Settled {
    effects: Effects,
    tell: Box<dyn FnOnce() + Send>,
}

/// The thread and the queue before it. Dropped, it finishes the queue.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        mut connection: Connection,
        event_prefixes: Vec<String>,
        committed: impl Fn(Effects) + Send + 'static,
    ) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = thread::Builder::new().name("s3-index".to_owned()).spawn(move || {
            while let Ok(first) = queue.recv() {
                let group = std::iter::once(first).chain(queue.try_iter()).take(MAX_GROUPED_CHANGES);
                if let Err(error) = commit(&mut connection, group, &event_prefixes, &committed) {
                    tracing::error!(%error, "the object index could not commit");
                }
            }
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) fn change<T, W>(&self, work: W) -> impl Future<Output = Result<T, Error>> + Send + use<T, W>
    where
        T: Send + 'static,
        W: FnOnce(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let job: Job = Box::new(move |connection, event_prefixes| {
            let mut change = Change { connection, effects: Effects::default(), event_prefixes };
            let result = in_savepoint(&mut change, work);
            let effects = if result.is_ok() { change.effects } else { Effects::default() };
            // A caller that went away needs no answer.
            Settled { effects, tell: Box::new(move || drop(answer.send(result))) }
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        async move {
            match outcome.await {
                Ok(result) if sent => result,
                _ => Err(StoreError::Unfinished.into()),
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Runs a group of changes in one transaction and tells each its outcome after the commit. On an error nothing is
/// told: those who wait see their answer dropped.
fn commit(
    connection: &mut Connection,
    group: impl Iterator<Item = Job>,
    event_prefixes: &[String],
    committed: &impl Fn(Effects),
) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut settled: Vec<Settled> = Vec::new();
    for job in group {
        settled.push(job(&transaction, event_prefixes));
        // A full disk makes SQLite roll back the whole transaction by itself: the rest must not run outside of it.
        if transaction.is_autocommit() {
            break;
        }
    }
    if let Err(error) = transaction.commit() {
        // Whether the rows are there is not known, so no file may go. The next start removes what is not named.
        for settled in &mut settled {
            settled.effects.keep_files();
        }
        return Err(error);
    }
    for Settled { mut effects, tell } in settled {
        effects.keep_files();
        committed(effects);
        tell();
    }
    Ok(())
}

/// Runs `work` so that its failure undoes its own changes and no other's.
fn in_savepoint<T>(
    change: &mut Change<'_>,
    work: impl FnOnce(&mut Change<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let connection = change.connection;
    connection.prepare_cached("SAVEPOINT change")?.execute([])?;
    let result = work(change);
    if result.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK TO change")?.execute([])?;
    }
    if !connection.is_autocommit() {
        connection.prepare_cached("RELEASE change")?.execute([])?;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::{index::schema, options::SyncMode};

    fn writer() -> (tempfile::TempDir, Writer) {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open_writer(&folder.path().join("index.db"), SyncMode::Off).unwrap();
        (folder, Writer::start(connection, Vec::new(), |_| ()).unwrap())
    }

    fn buckets(folder: &tempfile::TempDir) -> Vec<String> {
        let connection = schema::open_reader(&folder.path().join("index.db")).unwrap();
        let mut statement = connection.prepare("SELECT name FROM buckets ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[tokio::test]
    async fn a_refused_change_undoes_its_own_work_and_no_other() {
        let (folder, writer) = writer();
        let create = |name: &'static str| writer.change(move |change| change.create_bucket(name, 0));
        // All three are in the queue before the first is awaited, so that they may share a commit.
        let first = create("a");
        let refused = writer.change(|change| {
            change.create_bucket("c", 0)?;
            change.create_bucket("a", 0)
        });
        let second = create("b");
        let (first, refused, second) = tokio::join!(first, refused, second);
        assert!(first.is_ok() && second.is_ok());
        assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
        assert_eq!(buckets(&folder), ["a", "b"]);
    }

    #[tokio::test]
    async fn a_change_that_was_begun_is_finished_when_the_writer_goes() {
        let (folder, writer) = writer();
        let change = writer.change(|change| change.create_bucket("a", 0));
        drop(writer);
        change.await.unwrap();
        assert_eq!(buckets(&folder), ["a"]);
    }

    #[tokio::test]
    async fn a_change_runs_on_when_nobody_waits_for_it() {
        let (folder, writer) = writer();
        drop(writer.change(|change| change.create_bucket("a", 0)));
        drop(writer);
        assert_eq!(buckets(&folder), ["a"]);
    }
}
