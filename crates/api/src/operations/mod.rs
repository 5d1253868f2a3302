//! Every operation of the API, in the order of its description.

mod access;
mod approvals;
mod attachments;
pub(crate) mod candidates;
mod captured;
mod clocks;
pub(crate) mod cost;
mod drift;
mod events;
mod exports;
mod feeds;
pub(crate) mod gate;
mod hangings;
mod holders;
mod holidays;
mod installation;
mod lapses;
pub(crate) mod maps;
mod me;
pub(crate) mod meetings;
mod merging;
mod notices;
pub(crate) mod past;
pub(crate) mod planned;
mod positions;
mod preferences;
mod ready;
mod records;
mod registers;
mod reports;
mod retention;
mod schedules;
mod search;
mod sessions;
mod similar;
pub(crate) mod suspects;
mod tasks;
mod tokens;
mod what_if;
mod work_time;

use crate::operation::Operation;

/// All operations. What processes and registers have in common is made from their tables.
pub fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    for process in mainstay_processes::ALL.iter().copied() {
        all.extend(records::operations(process));
        all.push(exports::of_records(process));
        all.extend(hangings::operations(process));
        all.extend(ready::operations(process));
        all.extend(similar::operations(process));
        all.extend(suspects::of_records(process));
        all.extend(cost::operations(process));
        all.extend(past::operations(process));
        all.extend(maps::operations(process));
        all.extend(lapses::operations(process));
        all.extend(positions::operations(process));
        all.extend(captured::operations(process));
        all.extend(candidates::operations(process));
        all.extend(feeds::operations(process));
        all.extend(drift::operations(process));
        all.extend(tasks::operations(process));
        all.extend(approvals::of_records(process));
        all.extend(gate::of_records(process));
        all.extend(retention::operations(process));
        all.extend(planned::of_records(process));
        all.extend(work_time::operations(process));
        all.extend(clocks::operations(process));
        all.extend(attachments::operations(process));
    }
    all.extend(attachments::shared());
    for register in mainstay_processes::registers::ALL.iter().copied() {
        all.extend(registers::operations(register));
        all.push(exports::of_entries(register));
    }
    all.extend(search::operations());
    all.extend(reports::operations());
    all.extend(schedules::operations());
    all.extend(me::operations());
    all.extend(sessions::operations());
    all.extend(preferences::operations());
    all.extend(approvals::own());
    all.extend(meetings::operations());
    all.push(planned::own());
    all.extend(tokens::operations());
    all.extend(access::operations());
    all.extend(merging::operations());
    all.extend(holders::operations());
    all.extend(holidays::operations());
    all.extend(what_if::operations());
    all.extend(notices::operations());
    all.extend(events::operations());
    all.extend(installation::operations());
    all
}
