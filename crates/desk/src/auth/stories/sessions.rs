use crate::auth::fixtures::{NOW, PASSWORD, World, by, claim, visitor, why, worlds};
use crate::auth::sessions::{self, Limits};
use crate::auth::{Claim, Visitor, accounts};

const HOUR: i64 = 60 * 60 * 1000;

async fn touch(world: &World, cookie: &str, now: i64) {
    let digest = sessions::digest(world.entrance.key(), cookie).unwrap();
    world.db.write(move |c| sessions::touch(c, &digest, Limits::default(), now)).await.unwrap();
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_old_however_busy() {
    for world in worlds().await {
        let cookie = world.browser(NOW).await.session.unwrap();
        assert_eq!(world.whose(&cookie, NOW + 12 * HOUR - 1).await, Some(world.ann));
        assert_eq!(world.whose(&cookie, NOW + 12 * HOUR).await, None, "idle");
        let mut now = NOW;
        while now < NOW + 7 * 24 * HOUR {
            assert_eq!(world.whose(&cookie, now).await, Some(world.ann), "busy");
            touch(&world, &cookie, now).await;
            now += 8 * HOUR;
        }
        assert_eq!(world.whose(&cookie, NOW + 7 * 24 * HOUR).await, None, "old");
        touch(&world, &cookie, NOW + 7 * 24 * HOUR).await;
        assert_eq!(world.whose(&cookie, NOW + 7 * 24 * HOUR).await, None, "what has ended does not come back");
        assert_eq!(world.db.write(|c| sessions::forget_expired(c, NOW + 7 * 24 * HOUR)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_session_is_touched_at_most_once_a_minute() {
    for world in worlds().await {
        let from = world.browser(NOW).await;
        let cookie = from.session.clone().unwrap();
        touch(&world, &cookie, NOW + 59_999).await;
        let live = world.entrance.session(&from, NOW + 59_999).await.unwrap();
        assert_eq!(live.seen, NOW);
        assert!(!live.wants_touch(NOW + 59_999) && live.wants_touch(NOW + 60_000));
        touch(&world, &cookie, NOW + 60_000).await;
        assert_eq!(world.entrance.session(&from, NOW + 60_000).await.unwrap().seen, NOW + 60_000);
    }
}

#[tokio::test]
async fn s_39_only_the_exact_secret_finds_a_session() {
    for world in worlds().await {
        let cookie = world.browser(NOW).await.session.unwrap();
        let swapped: String = cookie
            .chars()
            .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
            .collect();
        let digest = sessions::digest(world.entrance.key(), &cookie).unwrap();
        let wrong =
            [String::new(), " ".into(), "\0".into(), format!("{cookie} "), format!("{cookie}\0"), swapped, digest];
        for claim in wrong {
            assert_eq!(world.whose(&claim, NOW).await, None, "{claim:?}");
        }
        assert_eq!(world.whose(&cookie, NOW).await, Some(world.ann));
    }
}

#[tokio::test]
async fn s_42_a_secret_that_the_browser_brought_is_never_taken_over() {
    for world in worlds().await {
        let planted = world.browser(NOW).await.session.unwrap();
        let from = Visitor { session: Some(planted.clone()), ..visitor() };
        let signed_in = world.sign_in(&Claim { from, ..claim(PASSWORD) }, NOW).await.unwrap();
        assert_ne!(signed_in.session.reveal(), planted);
        assert_eq!(world.whose(&planted, NOW).await, None, "the planted one has ended");
        let made_up = "A".repeat(43);
        let from = Visitor { session: Some(made_up.clone()), ..visitor() };
        world.sign_in(&Claim { from, ..claim(PASSWORD) }, NOW).await.unwrap();
        assert_eq!(world.whose(&made_up, NOW).await, None);
    }
}

#[tokio::test]
async fn s_41_no_table_holds_a_session_s_secret() {
    for world in worlds().await {
        let cookie = world.browser(NOW).await.session.unwrap();
        let kept: Vec<String> = world.db.read(|c| c.fetch("SELECT digest FROM session", &[])).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert!(!kept[0].contains(&cookie));
    }
}

#[tokio::test]
async fn a_person_ends_one_of_their_own_sessions_by_its_name() {
    for world in worlds().await {
        let (here, there) = (world.browser(NOW).await, world.browser(NOW).await);
        let (key, ann) = (world.entrance.key().clone(), world.ann);
        let name = world.entrance.session(&there, NOW).await.unwrap().name(&key);
        for (person, ended) in [(ann + 1, false), (ann, true), (ann, false)] {
            let (key, name) = (key.clone(), name.clone());
            let done = world.db.write(move |c| sessions::end_named(c, &key, person, &name, NOW)).await.unwrap();
            assert_eq!(done, ended);
        }
        assert_eq!(world.whose(here.session.as_deref().unwrap(), NOW).await, Some(ann));
        assert_eq!(world.whose(there.session.as_deref().unwrap(), NOW).await, None);
        assert_eq!(world.db.read(move |c| sessions::list(c, ann, NOW)).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn s_42_all_sessions_end_with_the_password_with_disabling_and_on_request() {
    for world in worlds().await {
        let ann = world.ann;
        let cookie = world.browser(NOW).await.session.unwrap();
        world.set_password(ann, PASSWORD).await;
        assert_eq!(world.whose(&cookie, NOW).await, None);

        let cookie = world.browser(NOW).await.session.unwrap();
        assert_eq!(world.entrance.sign_out_everywhere(ann, by()).await.unwrap(), 1);
        assert_eq!(world.whose(&cookie, NOW).await, None);

        let cookie = world.browser(NOW).await.session.unwrap();
        world.db.write(move |c| accounts::disable(c, by(), ann)).await.unwrap();
        assert_eq!(world.whose(&cookie, NOW).await, None);
        assert_eq!(why(world.sign_in(&claim(PASSWORD), NOW).await).0, "sign_in_failed");
        world.db.write(move |c| accounts::enable(c, by(), ann)).await.unwrap();
        assert_eq!(world.whose(&cookie, NOW).await, None, "what ended does not come back");

        let cookie = world.browser(NOW).await.session.unwrap();
        world.db.write(move |c| c.run("UPDATE entry SET active = FALSE WHERE id = $1", &[ann.into()])).await.unwrap();
        assert_eq!(world.whose(&cookie, NOW).await, None, "a retired person's session");
    }
}
