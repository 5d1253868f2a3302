//! How long the answer to a wrong claim takes tells nobody which accounts exist.

use crate::auth::entrance::Claim;
use crate::auth::fixtures::{NOW, claim, worlds};
use std::time::{Duration, Instant};

/// Answers compared, half of them for an account that exists.
const ANSWERS: usize = 2_000;
/// Where the Kolmogorov–Smirnov distance of equal distributions lies in 99 of 100 samples, times the root of the size.
const LIMIT: f64 = 1.628;
/// Equal distributions miss the limit once in a hundred samples; three in a row once in a million.
const SAMPLES: usize = 3;
/// All buckets of the throttle are full again.
const APART_MS: i64 = 3_600_000;

#[tokio::test]
async fn s_40_the_time_of_an_answer_tells_nothing_of_the_account() {
    let world = worlds().await.remove(0);
    let mut now = NOW;
    let mut found = Vec::new();
    for _ in 0..SAMPLES {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for turn in 0..ANSWERS {
            // Known, unknown, unknown, known: what slows the machine for a while slows both.
            let exists = matches!(turn % 4, 0 | 3);
            let email = if exists { "ann@example.org" } else { "eve@example.org" };
            let claim = Claim { email: email.into(), ..claim("not the password") };
            now += APART_MS;
            let begun = Instant::now();
            world.sign_in(&claim, now).await.unwrap_err();
            let took = begun.elapsed();
            if exists { known.push(took) } else { unknown.push(took) }
        }
        found.push(distance(&mut known, &mut unknown));
        if found.last().is_some_and(|distance| *distance < LIMIT) {
            return;
        }
    }
    panic!("known and unknown accounts answer at different speeds: distances {found:?}, limit {LIMIT}");
}

#[test]
fn a_twentieth_more_work_is_far_beyond_the_limit() {
    // Times of 20 to 25 ms, evenly spread; the others take one millisecond longer.
    let times = |more: u64| (0..1_000).map(|i| Duration::from_micros(20_000 + more + i * 5)).collect::<Vec<_>>();
    assert!(distance(&mut times(0), &mut times(0)) < 0.1);
    assert!(distance(&mut times(0), &mut times(1_000)) > 2.0 * LIMIT);
}

/// The greatest difference of two empirical distributions of equal size, times the root of half the size.
#[expect(clippy::cast_precision_loss, reason = "samples are small")]
fn distance(one: &mut [Duration], other: &mut [Duration]) -> f64 {
    one.sort();
    other.sort();
    let below =
        |sorted: &[Duration], time: Duration| sorted.partition_point(|t| *t <= time) as f64 / sorted.len() as f64;
    let apart = |time: &Duration| (below(one, *time) - below(other, *time)).abs();
    let most = one.iter().chain(other.iter()).map(apart).fold(0.0, f64::max);
    most * (one.len() as f64 / 2.0).sqrt()
}
