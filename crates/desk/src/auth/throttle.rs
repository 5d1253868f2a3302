//! How often somebody may try, so that guessing is slow and nobody can lock another person out.
//!
//! A stranger who hammers an account empties only buckets that are the stranger's own:
//!
//! * **source** – this account tried from this address (for IPv6, its /64 network). Empty: wait. The owner comes from
//!   elsewhere and has a bucket of their own. Even at the same address the owner does, because a browser that signed
//!   in before carries a device cookie, and then the device takes the place of the address.
//! * **address** – all accounts tried from this address: spraying one password over many accounts. Empty: wait. A
//!   sign-in that succeeds gives its token back, so a whole office behind one address does not notice; a known device
//!   is not counted.
//! * **account** – this account tried from anywhere: guessing spread over many addresses. Empty: it never refuses, it
//!   only makes strangers' tries take some seconds; known devices are not slowed.
//! * **everyone** – all tries of strangers at all accounts. It only slows, too.
//!
//! Buckets live in the database, so that a restart or a second node does not fill them. Accounts appear in it as
//! digests, unknown ones like known ones.

use crate::error::Result;
use mainstay_store::Conn;
use std::net::IpAddr;

/// How long a row is kept that nobody asks for: by then its bucket is full again.
const FORGOTTEN_AFTER_MS: i64 = 60 * 60 * 1000;
/// The longest that a try is slowed, in milliseconds.
const SLOWEST_MS: i64 = 5_000;
const SLOWED_PER_TRY_MS: i64 = 250;

/// A bucket: how many tries at once, and how long until another one is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tries that a full bucket grants.
    pub burst: i64,
    /// Milliseconds in which one try comes back.
    pub every_ms: i64,
    /// Tries that a bucket which only slows may be overdrawn by; 0 for one that refuses.
    pub debt: i64,
}

const SOURCE: Rate = Rate { burst: 6, every_ms: 120_000, debt: 0 };
const ADDRESS: Rate = Rate { burst: 30, every_ms: 10_000, debt: 0 };
const ACCOUNT: Rate = Rate { burst: 20, every_ms: 60_000, debt: 20 };
const EVERYONE: Rate = Rate { burst: 100, every_ms: 100, debt: 50 };

/// Asking for a mail that resets a password, per account or per address.
pub const RESET_MAIL: Rate = Rate { burst: 3, every_ms: 20 * 60 * 1000, debt: 0 };

impl Rate {
    /// Thousandths of tries after some milliseconds.
    fn refilled(self, tokens: i64, elapsed_ms: i64) -> i64 {
        let earned = elapsed_ms.max(0).saturating_mul(1000) / self.every_ms;
        tokens.saturating_add(earned).min(self.burst * 1000)
    }
}

/// What a bucket says to one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Granted; so many thousandths are left, below zero when overdrawn.
    Left(i64),
    /// Not granted; so many milliseconds until it would be.
    Wait(i64),
}

/// Takes one try from the bucket under a key.
///
/// # Errors
/// The database's.
pub fn take(conn: &mut Conn, key: &str, rate: Rate, now: i64) -> Result<Answer> {
    // Touching the row locks it, so two nodes cannot take the same try.
    let (tokens, at): (i64, i64) = conn.one(
        "INSERT INTO throttle (key, tokens, at) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET at = throttle.at RETURNING tokens, at",
        &[key.into(), (rate.burst * 1000).into(), now.into()],
    )?;
    let left = rate.refilled(tokens, now - at) - 1000;
    if left < 0 && rate.debt == 0 {
        // The row keeps its instant: a refused try must not round away what was earned meanwhile.
        return Ok(Answer::Wait((-left * rate.every_ms + 999) / 1000));
    }
    let left = left.max(-rate.debt * 1000);
    conn.run(
        "UPDATE throttle SET tokens = $2, at = $3 WHERE key = $1",
        &[key.into(), left.into(), now.max(at).into()],
    )?;
    Ok(Answer::Left(left))
}

fn give_back(conn: &mut Conn, key: &str, rate: Rate) -> Result<()> {
    conn.run(
        "UPDATE throttle SET tokens = CASE WHEN tokens + 1000 > $2 THEN $2 ELSE tokens + 1000 END WHERE key = $1",
        &[key.into(), (rate.burst * 1000).into()],
    )?;
    Ok(())
}

/// Deletes buckets that are full again, and answers how many; to be called about once an hour.
///
/// # Errors
/// The database's.
pub fn forget_full(conn: &mut Conn, now: i64) -> Result<u64> {
    Ok(conn.run("DELETE FROM throttle WHERE at < $1", &[(now - FORGOTTEN_AFTER_MS).into()])?)
}

/// Who tries to sign in, as far as counting goes.
#[derive(Clone, Debug)]
pub(super) struct Tries {
    address: Option<String>,
    source: String,
    account: Option<String>,
}

/// What the buckets say to a try to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Refused {
        wait_ms: i64,
    },
    Granted {
        /// Milliseconds to wait before anything else.
        slow_ms: i64,
        /// It was the last try before waiting.
        last: bool,
    },
}

impl Tries {
    /// `account` is the digest of what was typed; `device` the name of a device known for it.
    pub(super) fn new(account: &str, address: IpAddr, device: Option<&str>) -> Self {
        let network = network_of(address);
        match device {
            Some(device) => Self { address: None, source: format!("source:{account}:device:{device}"), account: None },
            None => Self {
                address: Some(format!("address:{network}")),
                source: format!("source:{account}:{network}"),
                account: Some(format!("account:{account}")),
            },
        }
    }

    /// Takes one try from every bucket that counts here, always in the same order.
    pub(super) fn admit(&self, conn: &mut Conn, now: i64) -> Result<Admission> {
        if let Some(address) = &self.address
            && let Answer::Wait(wait_ms) = take(conn, address, ADDRESS, now)?
        {
            return Ok(Admission::Refused { wait_ms });
        }
        let left = match take(conn, &self.source, SOURCE, now)? {
            Answer::Left(left) => left,
            Answer::Wait(wait_ms) => {
                self.return_to_address(conn)?;
                return Ok(Admission::Refused { wait_ms });
            }
        };
        let mut slow_ms = 0;
        if let Some(account) = &self.account {
            slow_ms = slowed_by(take(conn, account, ACCOUNT, now)?) + slowed_by(take(conn, "everyone", EVERYONE, now)?);
        }
        Ok(Admission::Granted { slow_ms: slow_ms.min(SLOWEST_MS), last: left < 1000 })
    }

    /// Somebody got in: what they took comes back. The account's own bucket keeps what strangers took.
    pub(super) fn succeeded(&self, conn: &mut Conn) -> Result<()> {
        conn.run("DELETE FROM throttle WHERE key = $1", &[self.source.as_str().into()])?;
        self.return_to_address(conn)
    }

    fn return_to_address(&self, conn: &mut Conn) -> Result<()> {
        match &self.address {
            Some(address) => give_back(conn, address, ADDRESS),
            None => Ok(()),
        }
    }
}

fn slowed_by(answer: Answer) -> i64 {
    match answer {
        Answer::Left(left) if left < 0 => (-left / 1000 + 1) * SLOWED_PER_TRY_MS,
        _ => 0,
    }
}

/// The network that one customer has: an IPv4 address, or the /64 of an IPv6 address.
fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_store::testing::{Scratch, both};

    const OWNER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

    async fn admit(db: &Scratch, tries: &Tries, now: i64) -> Admission {
        let tries = tries.clone();
        db.write(move |c| tries.admit(c, now)).await.unwrap()
    }

    fn granted(admission: Admission) -> bool {
        matches!(admission, Admission::Granted { .. })
    }

    #[tokio::test]
    async fn s_47_guessing_stops_after_a_burst_and_goes_on_slowly() {
        for db in both() {
            let tries = Tries::new("ann", STRANGER, None);
            for n in 1..=6 {
                assert_eq!(admit(&db, &tries, 0).await, Admission::Granted { slow_ms: 0, last: n == 6 });
            }
            assert_eq!(admit(&db, &tries, 0).await, Admission::Refused { wait_ms: 120_000 });
            for now in (0..119_999).step_by(20_000) {
                assert!(!granted(admit(&db, &tries, now).await), "at {now}");
            }
            assert!(granted(admit(&db, &tries, 120_000).await), "refused tries do not put off the next one");
            assert!(!granted(admit(&db, &tries, 120_001).await));
            assert!(!granted(admit(&db, &tries, 0).await), "a clock that goes back earns nothing");
        }
    }

    #[tokio::test]
    async fn s_47_a_stranger_who_hammers_an_account_does_not_lock_its_owner_out() {
        for db in both() {
            let stranger = Tries::new("ann", STRANGER, None);
            for _ in 0..50 {
                admit(&db, &stranger, 0).await;
            }
            assert!(granted(admit(&db, &Tries::new("ann", OWNER, None), 0).await), "from elsewhere");
            let device = Tries::new("ann", STRANGER, Some("laptop"));
            assert_eq!(
                admit(&db, &device, 0).await,
                Admission::Granted { slow_ms: 0, last: false },
                "from the same address with a known device"
            );
        }
    }

    #[tokio::test]
    async fn s_47_guessing_from_many_addresses_is_slowed_but_never_refused_to_the_owner() {
        for db in both() {
            let mut slowest = 0;
            for n in 0..60_u32 {
                let address = IpAddr::from(n.to_be_bytes());
                let Admission::Granted { slow_ms, .. } = admit(&db, &Tries::new("ann", address, None), 0).await else {
                    panic!("a new address is granted its burst");
                };
                assert!(slow_ms >= slowest, "more tries, slower");
                slowest = slow_ms;
            }
            assert_eq!(slowest, SLOWEST_MS);
            assert_eq!(
                admit(&db, &Tries::new("ann", OWNER, Some("laptop")), 0).await,
                Admission::Granted { slow_ms: 0, last: false }
            );
            let later = ACCOUNT.every_ms * 41;
            assert_eq!(
                admit(&db, &Tries::new("ann", OWNER, None), later).await,
                Admission::Granted { slow_ms: 0, last: false }
            );
        }
    }

    #[tokio::test]
    async fn s_47_one_address_cannot_spray_many_accounts_and_an_office_that_signs_in_is_not_held() {
        for db in both() {
            let mut refused = 0;
            for n in 0..40 {
                let admission = admit(&db, &Tries::new(&format!("account {n}"), STRANGER, None), 0).await;
                refused += usize::from(!granted(admission));
            }
            assert_eq!(refused, 10);
            for n in 0..40 {
                let tries = Tries::new(&format!("account {n}"), OWNER, None);
                assert!(granted(admit(&db, &tries, 0).await));
                db.write(move |c| tries.succeeded(c)).await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn buckets_that_are_full_again_are_forgotten() {
        for db in both() {
            admit(&db, &Tries::new("ann", OWNER, None), 0).await;
            assert_eq!(db.write(|c| forget_full(c, FORGOTTEN_AFTER_MS)).await.unwrap(), 0);
            assert_eq!(db.write(|c| forget_full(c, FORGOTTEN_AFTER_MS + 1)).await.unwrap(), 4);
        }
        for rate in [SOURCE, ADDRESS, ACCOUNT, EVERYONE, RESET_MAIL] {
            assert!((rate.burst + rate.debt) * rate.every_ms <= FORGOTTEN_AFTER_MS, "{rate:?}");
        }
    }

    #[test]
    fn networks_are_what_one_customer_has() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }
}
