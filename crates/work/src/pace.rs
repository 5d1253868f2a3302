//! Waiting: until something is to be done, and longer after each failure.

use std::time::Duration;
use tokio::sync::watch;

/// Waits for the time to pass; true when it is time to stop instead.
pub async fn stopped_within(stop: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => false,
        // Nobody left to say it: the program is ending too.
        _ = stop.wait_for(|stop| *stop) => true,
    }
}

/// How long to wait after failures in a row: a second, doubling, at most a minute.
#[derive(Debug, Default)]
pub struct Patience {
    failures: u32,
}

impl Patience {
    /// Something worked again.
    pub fn restore(&mut self) {
        self.failures = 0;
    }

    /// Something failed: the time to wait before the next try.
    pub fn lose(&mut self) -> Duration {
        let seconds = 1u64 << self.failures.min(6);
        self.failures += 1;
        Duration::from_secs(seconds.min(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_to_a_minute_and_comes_back() {
        let mut patience = Patience::default();
        let waits: Vec<u64> = (0..8).map(|_| patience.lose().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        patience.restore();
        assert_eq!(patience.lose().as_secs(), 1);
    }
}
