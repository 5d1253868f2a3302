use crate::auth::fixtures::{NOW, PASSWORD, World, by, claim, why, worlds};
use crate::auth::links::{self, Errand};
use crate::auth::{Claim, Password, Secret};
use crate::error::Error;

const NEW: &str = "three green ladders";

async fn issue(world: &World, errand: Errand, person: Option<i64>) -> Result<String, Error> {
    let secret = Secret::draw(&world.entropy);
    let (kept, key) = (secret.clone(), world.entrance.key().clone());
    world.db.write(move |c| links::issue(c, &key, &kept, errand, person, NOW)).await?;
    Ok(secret.reveal().to_owned())
}

async fn redeem(world: &World, link: &str, errand: Errand, now: i64) -> Result<Option<i64>, String> {
    let (link, key) = (link.to_owned(), world.entrance.key().clone());
    let done = world.db.write(move |c| links::redeem(c, &key, &link, errand, now)).await;
    done.map_err(|error| match error {
        Error::Refused(refusal) => refusal.code,
        other => other.to_string(),
    })
}

#[tokio::test]
async fn s_39_a_link_works_once_for_its_errand_and_not_for_ever() {
    for world in worlds().await {
        let ann = world.ann;
        let link = issue(&world, Errand::Invitation, Some(ann)).await.unwrap();
        let invalid = Err("link_not_valid".to_owned());
        for wrong in ["", " ", "\0", &format!("{link} "), &format!("{link}\0"), &link.to_lowercase(), &link[1..]] {
            assert_eq!(redeem(&world, wrong, Errand::Invitation, NOW).await, invalid, "{wrong:?}");
        }
        assert_eq!(redeem(&world, &link, Errand::PasswordReset, NOW).await, invalid, "another errand");
        let late = NOW + Errand::Invitation.lasts_ms();
        assert_eq!(redeem(&world, &link, Errand::Invitation, late).await, invalid, "expired");
        assert_eq!(redeem(&world, &link, Errand::Invitation, late - 1).await, Ok(Some(ann)));
        assert_eq!(redeem(&world, &link, Errand::Invitation, NOW).await, invalid, "used");
        let left: i64 = world.db.read(|c| c.one("SELECT count(*) FROM secret_link", &[])).await.unwrap();
        assert_eq!(left, 0, "a used link leaves nothing that an empty secret could match");
    }
}

#[tokio::test]
async fn s_39_two_who_use_a_link_at_once_are_not_both_let_in() {
    for world in worlds().await {
        let link = issue(&world, Errand::Invitation, Some(world.ann)).await.unwrap();
        let (one, other) = tokio::join!(
            redeem(&world, &link, Errand::Invitation, NOW),
            redeem(&world, &link, Errand::Invitation, NOW)
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    }
}

#[tokio::test]
async fn a_newer_link_replaces_the_older_and_expired_ones_are_forgotten() {
    for world in worlds().await {
        let older = issue(&world, Errand::PasswordReset, Some(world.ann)).await.unwrap();
        let newer = issue(&world, Errand::PasswordReset, Some(world.ann)).await.unwrap();
        assert!(redeem(&world, &older, Errand::PasswordReset, NOW).await.is_err());
        let hour = NOW + Errand::PasswordReset.lasts_ms();
        assert_eq!(world.db.write(move |c| links::forget_expired(c, hour - 1)).await.unwrap(), 0);
        assert_eq!(world.db.write(move |c| links::forget_expired(c, hour)).await.unwrap(), 1);
        assert!(redeem(&world, &newer, Errand::PasswordReset, NOW).await.is_err());
    }
}

#[tokio::test]
async fn s_11_the_set_up_does_not_exist_once_there_was_a_first_administrator() {
    for world in worlds().await {
        assert!(!world.db.read(links::is_installed).await.unwrap());
        let lost = issue(&world, Errand::FirstAdministrator, None).await.unwrap();
        let link = issue(&world, Errand::FirstAdministrator, None).await.unwrap();
        assert!(redeem(&world, &lost, Errand::FirstAdministrator, NOW).await.is_err(), "replaced");
        assert_eq!(redeem(&world, &link, Errand::FirstAdministrator, NOW).await, Ok(None));
        assert!(world.db.read(links::is_installed).await.unwrap());
        let again = issue(&world, Errand::FirstAdministrator, None).await;
        assert!(matches!(again, Err(Error::Refused(refusal)) if refusal.code == "installed"));
    }
}

#[tokio::test]
async fn s_46_a_reset_sets_the_password_ends_the_sessions_and_keeps_the_codes() {
    for world in worlds().await {
        let secret = world.with_totp().await;
        let ann = world.ann;
        let other = issue(&world, Errand::Invitation, Some(ann)).await.unwrap();
        let link = issue(&world, Errand::PasswordReset, Some(ann)).await.unwrap();
        let by_link = |password: &'static str| {
            let (world, link) = (&world, link.clone());
            let password = Password::new(password);
            async move {
                world.entrance.password_by_link(&link, Errand::PasswordReset, &password, by(), &world.entropy).await
            }
        };
        assert_eq!(why(by_link("password1").await).0, "invalid_fields", "a refused password uses no link up");
        assert_eq!(by_link(NEW).await.unwrap(), ann);
        assert_eq!(why(by_link(NEW).await).0, "link_not_valid");
        assert!(redeem(&world, &other, Errand::Invitation, NOW).await.is_err(), "other links went with it");
        assert_eq!(why(world.sign_in(&claim(PASSWORD), NOW).await).0, "sign_in_failed");
        assert_eq!(why(world.sign_in(&claim(NEW), NOW).await).0, "sign_in_failed", "the code is still asked for");
        let claim = Claim { code: Some(secret.code(NOW / 30_000)), ..claim(NEW) };
        assert!(world.sign_in(&claim, NOW).await.is_ok());
    }
}
