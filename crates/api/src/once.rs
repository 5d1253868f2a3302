//! Requests that may come again: the first is carried out, the others get its answer.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Sameness;
use crate::problem::Result;
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_store::{Broke, notices};

/// Carries out a command once per idempotency key and person. The answer is kept in the
/// transaction of the command: either both are on disk or neither.
///
/// # Errors
/// What the command refuses, of which nothing is kept; `idempotency_key_reused` when the key came
/// with another request.
pub async fn once<F>(api: &Api, asker: &Asker, sameness: Sameness, work: F) -> Result<Answer>
where
    F: FnMut(&mut Session<'_>, &Caller) -> mainstay_desk::Result<Answer> + Clone + Send + 'static,
{
    let command = |mut work: F, sameness: Sameness| {
        move |session: &mut Session<'_>, caller: &Caller| one(session, caller, &sameness, &mut work)
    };
    let first = asker.write(api, command(work.clone(), sameness.clone())).await;
    match first {
        // The same request arrived twice at once and the other one was first: its answer stands now.
        Err(Error::Store(mainstay_store::Error::Conflict { broke: Broke::Unique, constraint }))
            if constraint.starts_with("idempotency") =>
        {
            Ok(asker.write(api, command(work, sameness)).await?)
        }
        other => Ok(other?),
    }
}

fn one<F>(
    session: &mut Session<'_>,
    caller: &Caller,
    sameness: &Sameness,
    work: &mut F,
) -> mainstay_desk::Result<Answer>
where
    F: FnMut(&mut Session<'_>, &Caller) -> mainstay_desk::Result<Answer>,
{
    let (Some(key), Some(person)) = (&sameness.key, caller.person_id()) else { return work(session, caller) };
    if let Some((request, _, body)) = notices::answered(session.conn, person, key)? {
        if request != sameness.digest {
            let says = "This Idempotency-Key was used for another request.";
            return Err(Refusal::invalid("idempotency_key_reused", says).into());
        }
        let damaged = || mainstay_store::Error::Damaged("a kept answer cannot be read".into());
        return Answer::kept(&body).ok_or_else(|| damaged().into());
    }
    let answer = work(session, caller)?;
    notices::keep_answer(session.conn, person, key, &sameness.digest, answer.status(), &answer.to_keep(), session.now)?;
    Ok(answer)
}
