//! The mark of a browser that signed in before: it proves nothing about who asks, it only gives the person's own
//! devices tries that strangers cannot use up.

use super::entropy::Entropy;
use super::secret::{InstallationKey, Purpose, Secret, same};

/// How long a device stays known, in milliseconds.
pub const KNOWN_FOR_MS: i64 = 180 * 24 * 60 * 60 * 1000;

/// The value of a device cookie for a person who has just signed in.
#[must_use]
pub fn issue(key: &InstallationKey, entropy: &dyn Entropy, person: i64, now: i64) -> String {
    let name = Secret::draw(entropy);
    let seal = seal(key, person, name.reveal(), now);
    format!("{}.{now}.{seal}", name.reveal())
}

/// The name of the device that a cookie proves for a person; none for another person's, an old or a forged one.
#[must_use]
pub fn known(key: &InstallationKey, person: i64, cookie: &str, now: i64) -> Option<String> {
    let mut parts = cookie.splitn(3, '.');
    let (name, issued, given) = (parts.next()?, parts.next()?, parts.next()?);
    let name = Secret::presented(name)?;
    let issued: i64 = issued.parse().ok()?;
    let genuine = same(&seal(key, person, name.reveal(), issued), given);
    let fresh = issued <= now && now - issued < KNOWN_FOR_MS;
    (genuine && fresh).then(|| name.reveal().to_owned())
}

fn seal(key: &InstallationKey, person: i64, name: &str, issued: i64) -> String {
    key.digest(Purpose::Device, &format!("{person}.{name}.{issued}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures::Seeded;

    #[test]
    fn s_47_a_device_is_known_for_its_person_until_it_is_old() {
        let entropy = Seeded::new(1);
        let key = InstallationKey::draw(&entropy);
        let cookie = issue(&key, &entropy, 7, 1000);
        assert!(known(&key, 7, &cookie, 1000).is_some());
        assert_eq!(known(&key, 7, &cookie, 1000), known(&key, 7, &cookie, 2000));
        assert!(known(&key, 7, &cookie, 1000 + KNOWN_FOR_MS).is_none(), "old");
        assert!(known(&key, 8, &cookie, 1000).is_none(), "another person's");
        assert!(known(&InstallationKey::draw(&entropy), 7, &cookie, 1000).is_none(), "another installation's");
        let younger = cookie.replace(".1000.", ".2000.");
        for forged in ["", ".", "..", younger.as_str(), &cookie[1..], &cookie[..cookie.len() - 1]] {
            assert!(known(&key, 7, forged, 3000).is_none(), "{forged:?}");
        }
    }
}
