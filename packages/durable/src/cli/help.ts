/** What `--help` shows. */
export const help = `Look at stored jobs, and change them: outlive-durable jobs COMMAND --store STORE

Commands
  list               jobs, the newest first      [--name NAME] [--state STATE] [--limit 100] [--after NEXT]
  get ID...          all that is stored of them
  retry ID...        lets jobs that failed, or were cancelled, begin anew
  retry --name NAME  the same for all failed jobs of a name      [--error TEXT: its name, or a part of its message]
  cancel ID...       jobs that wait at once; jobs that run by their signal
  discard ID...      deletes jobs that do not run
  pause NAME...      no process starts jobs of these names any more
  resume NAME...     ends that
  depth              how many jobs of each name wait, run and have failed      [--name NAME]

Options
  --store STORE      postgres://…, redis://…, or a directory that no process works on. Instead of it the environment may
                     have OUTLIVE_STORE: there other users of the machine do not see the password
  --schema SCHEMA    in PostgreSQL, where it is not outlive
  --prefix PREFIX    in Redis, where it is not outlive
  --json             JSON in place of text, payloads included
  -h, --help         this
  -v, --version      the version

States: waiting, delayed, running, retrying, completed, failed, cancelled

Exit codes: 0 done, 1 a job is not there or in a state where that cannot be, 2 bad arguments, 3 the store does not answer
`;
