use crate::auth::fixtures::{NOW, PASSWORD, add_person, by, claim, visitor, why, worlds};
use crate::auth::{Claim, Password, Visitor, accounts};
use std::net::IpAddr;

#[tokio::test]
async fn a_person_signs_in_by_address_and_password() {
    for world in worlds().await {
        let mut loud = claim(PASSWORD);
        loud.email = " Ann@Example.ORG ".into();
        let signed_in = world.sign_in(&loud, NOW).await.unwrap();
        assert_eq!(signed_in.person, world.ann);
        assert_eq!(world.whose(signed_in.session.reveal(), NOW).await, Some(world.ann));
        let (verb, changes) = world.events(world.ann).await.pop().unwrap();
        assert_eq!(verb, "signed_in");
        assert!(changes.contains("192.0.2.1") && !changes.contains(signed_in.session.reveal()));
    }
}

#[tokio::test]
async fn s_40_whatever_is_wrong_the_answer_and_the_work_are_the_same() {
    for world in worlds().await {
        let (off, gone) =
            (add_person(&world.db, "off@example.org").await, add_person(&world.db, "gone@example.org").await);
        world.set_password(off, PASSWORD).await;
        world.set_password(gone, PASSWORD).await;
        add_person(&world.db, "new@example.org").await;
        world.db.write(move |c| accounts::disable(c, by(), off)).await.unwrap();
        world.db.write(move |c| c.run("UPDATE entry SET active = FALSE WHERE id = $1", &[gone.into()])).await.unwrap();
        let long = "x".repeat(2000);
        let wrong = [
            ("ann@example.org", "wrong password"),
            ("ann@example.org", ""),
            ("ann@example.org", long.as_str()),
            ("nobody@example.org", PASSWORD),
            ("off@example.org", PASSWORD),
            ("gone@example.org", PASSWORD),
            ("new@example.org", ""),
            ("", ""),
            ("ann@example.org\0", PASSWORD),
        ];
        let mut answers = Vec::new();
        for (email, password) in wrong {
            let before = world.entrance.passwords.compared();
            let claim = Claim { email: email.into(), ..claim(password) };
            answers.push(format!("{:?}", world.sign_in(&claim, NOW).await.unwrap_err()));
            assert_eq!(world.entrance.passwords.compared(), before + 1, "{email:?} costs one comparison");
        }
        assert!(answers[0].contains("sign_in_failed"));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    }
}

#[tokio::test]
async fn a_failed_sign_in_is_kept_without_what_was_typed() {
    for world in worlds().await {
        let typed = Claim { email: "my-password-in-the-wrong-field".into(), ..claim("secret that was typed") };
        why(world.sign_in(&typed, NOW).await);
        why(world.sign_in(&claim("secret that was typed"), NOW).await);
        let events = [world.events(0).await, world.events(world.ann).await].concat();
        let failed: Vec<_> = events.iter().filter(|(verb, _)| verb == "sign_in_failed").collect();
        assert_eq!(failed.len(), 2, "{events:?}");
        assert!(events.iter().all(|(_, changes)| !changes.contains("typed") && !changes.contains("my-password")));
    }
}

#[tokio::test]
async fn s_47_a_code_is_asked_for_and_works_once() {
    for world in worlds().await {
        let secret = world.with_totp().await;
        let code = secret.code(NOW / 30_000);
        let with = |code: Option<&str>| Claim { code: code.map(str::to_owned), ..claim(PASSWORD) };
        assert_eq!(why(world.sign_in(&with(None), NOW).await).0, "sign_in_failed");
        assert_eq!(why(world.sign_in(&with(Some("000000")), NOW).await).0, "sign_in_failed");
        let wrong = Claim { code: Some(code.clone()), ..claim("wrong password") };
        assert_eq!(why(world.sign_in(&wrong, NOW).await).0, "sign_in_failed");
        let signed_in = world.sign_in(&with(Some(&code)), NOW).await.expect("a wrong password used no code up");
        let from = Visitor { session: Some(signed_in.session.reveal().into()), ..visitor() };
        assert!(world.entrance.session(&from, NOW).await.unwrap().mfa);
        assert_eq!(why(world.sign_in(&with(Some(&code)), NOW).await).0, "sign_in_failed", "used up");
    }
}

#[tokio::test]
async fn s_47_one_code_used_twice_at_once_lets_one_in() {
    for world in worlds().await {
        let code = world.with_totp().await.code(NOW / 30_000);
        let claim = Claim { code: Some(code), ..claim(PASSWORD) };
        let (one, other) = tokio::join!(world.sign_in(&claim, NOW), world.sign_in(&claim, NOW));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    }
}

#[tokio::test]
async fn s_47_tries_are_held_and_the_owner_gets_in_all_the_same() {
    for world in worlds().await {
        let known = world.browser(NOW).await.device;
        let stranger = |password: &str| Claim {
            from: Visitor { address: IpAddr::from([203, 0, 113, 9]), ..visitor() },
            ..claim(password)
        };
        for _ in 0..6 {
            assert_eq!(
                why(world.sign_in(&stranger("a guess of a stranger"), NOW).await),
                ("sign_in_failed".into(), None)
            );
        }
        let before = world.entrance.passwords.compared();
        assert_eq!(why(world.sign_in(&stranger(PASSWORD), NOW).await), ("too_many_tries".into(), Some(120)));
        assert_eq!(world.entrance.passwords.compared(), before, "what is held is not even compared");
        let held = world.events(world.ann).await.iter().filter(|(verb, _)| verb == "sign_in_held").count();
        assert_eq!(held, 1);
        assert!(world.sign_in(&claim(PASSWORD), NOW).await.is_ok(), "the owner from elsewhere");
        let mut beside = stranger(PASSWORD);
        beside.from.device = known;
        assert!(world.sign_in(&beside, NOW).await.is_ok(), "the owner's known browser at the stranger's address");
    }
}

#[tokio::test]
async fn s_47_a_device_helps_only_the_person_it_is_known_for() {
    for world in worlds().await {
        let eve = add_person(&world.db, "eve@example.org").await;
        world.set_password(eve, PASSWORD).await;
        let hers =
            world.sign_in(&Claim { email: "eve@example.org".into(), ..claim(PASSWORD) }, NOW).await.unwrap().device;
        let from = Visitor { device: Some(hers), ..visitor() };
        let guess = Claim { from, ..claim("a guess of a stranger") };
        for _ in 0..6 {
            why(world.sign_in(&guess, NOW).await);
        }
        assert_eq!(why(world.sign_in(&Claim { from: visitor(), ..guess }, NOW).await).0, "too_many_tries");
    }
}

#[tokio::test]
async fn an_older_hash_is_made_anew_at_sign_in() {
    let older = "$argon2id$v=19$m=8192,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$";
    for world in worlds().await {
        let ann = world.ann;
        let params = argon2::Params::new(8192, 1, 1, None).unwrap();
        let hash = crate::auth::password::hash_with(&params, PASSWORD.as_bytes(), &[7; 16]);
        assert!(hash.as_str().starts_with(older), "{}", hash.as_str());
        world.db.write(move |c| accounts::set_password(c, by(), ann, &hash)).await.unwrap();
        world.sign_in(&claim(PASSWORD), NOW).await.unwrap();
        let account = world.db.read(move |c| accounts::of(c, ann)).await.unwrap();
        assert!(account.password.unwrap().as_str().contains("m=19456,t=2"));
        assert!(world.sign_in(&claim(PASSWORD), NOW).await.is_ok());
    }
}

#[tokio::test]
async fn s_42_a_stored_hash_is_no_password() {
    for world in worlds().await {
        let ann = world.ann;
        let hash = world.db.read(move |c| accounts::of(c, ann)).await.unwrap().password.unwrap();
        let stolen = Claim { password: Password::new(hash.as_str()), ..claim("") };
        assert_eq!(why(world.sign_in(&stolen, NOW).await).0, "sign_in_failed");
    }
}
