use crate::auth::fixtures::{NOW, PASSWORD, claim, visitor, why, worlds};
use crate::auth::{Claim, Password, Visitor};

const NEW: &str = "three green ladders";

#[tokio::test]
async fn s_42_a_password_changes_only_for_who_knows_it_and_ends_every_session() {
    for world in worlds().await {
        let (here, there) = (world.browser(NOW).await, world.browser(NOW).await);
        let change = |from: Visitor, current: &'static str, new: &'static str| {
            let world = &world;
            async move {
                let (current, new) = (Password::new(current), Password::new(new));
                world.entrance.change_password(&from, &current, &new, NOW, &world.entropy).await
            }
        };
        assert_eq!(why(change(visitor(), PASSWORD, NEW).await).0, "not_signed_in");
        assert_eq!(why(change(here.clone(), "wrong password", NEW).await).0, "invalid_fields");
        assert_eq!(why(change(here.clone(), PASSWORD, "password1").await).0, "invalid_fields");
        assert_eq!(why(change(here.clone(), PASSWORD, "ann@example.org").await).0, "invalid_fields");
        assert_eq!(world.whose(there.session.as_deref().unwrap(), NOW).await, Some(world.ann), "nothing changed yet");

        let fresh = change(here.clone(), PASSWORD, NEW).await.unwrap();
        assert_eq!(world.whose(fresh.reveal(), NOW).await, Some(world.ann));
        for old in [here, there] {
            assert_eq!(world.whose(old.session.as_deref().unwrap(), NOW).await, None);
        }
        assert_eq!(why(world.sign_in(&claim(PASSWORD), NOW).await).0, "sign_in_failed");
        assert!(world.sign_in(&claim(NEW), NOW).await.is_ok());
    }
}

#[tokio::test]
async fn s_47_a_stolen_session_cannot_guess_the_password() {
    for world in worlds().await {
        let from = world.browser(NOW).await;
        let mut codes = Vec::new();
        for _ in 0..7 {
            codes.push(why(world.entrance.ask_again(&from, &Password::new("a guess"), NOW).await).0);
        }
        assert_eq!(codes[5], "invalid_fields");
        assert_eq!(codes[6], "too_many_tries");
    }
}

#[tokio::test]
async fn s_42_codes_turn_on_with_a_proof_and_give_the_session_a_new_secret() {
    for world in worlds().await {
        let (here, there) = (world.browser(NOW).await, world.browser(NOW).await);
        let password = Password::new(PASSWORD);
        let secret = world.entrance.begin_totp(&here, &password, NOW, &world.entropy).await.unwrap();
        assert!(world.sign_in(&claim(PASSWORD), NOW).await.is_ok(), "not asked for before the proof");
        let confirm = |code: String| {
            let (world, here) = (&world, here.clone());
            async move { world.entrance.confirm_totp(&here, &code, NOW, &world.entropy).await }
        };
        assert_eq!(why(confirm("000000".into()).await).0, "totp_code");
        let code = secret.code(NOW / 30_000);
        let fresh = confirm(code.clone()).await.unwrap();
        let from = Visitor { session: Some(fresh.reveal().into()), ..here.clone() };
        assert!(world.entrance.session(&from, NOW).await.unwrap().mfa);
        for old in [&here, &there] {
            assert_eq!(world.whose(old.session.as_deref().unwrap(), NOW).await, None);
        }
        let again = Claim { code: Some(code), ..claim(PASSWORD) };
        assert_eq!(why(world.sign_in(&again, NOW).await).0, "sign_in_failed", "the code of the proof is used up");
        assert_eq!(why(world.entrance.begin_totp(&from, &password, NOW, &world.entropy).await).0, "totp_on");

        let wrong = Password::new("wrong password");
        assert_eq!(why(world.entrance.remove_totp(&from, &wrong, NOW, &world.entropy).await).0, "invalid_fields");
        let last = world.entrance.remove_totp(&from, &password, NOW, &world.entropy).await.unwrap();
        assert_eq!(world.whose(fresh.reveal(), NOW).await, None);
        assert_eq!(world.whose(last.reveal(), NOW).await, Some(world.ann));
        assert!(world.sign_in(&claim(PASSWORD), NOW).await.is_ok());
    }
}
