use crate::auth::fixtures::{NOW, World, add_person, by, worlds};
use crate::auth::tokens::{self, Drawn, NewToken, Token};
use crate::auth::{Occasion, accounts};
use crate::error::Error;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn wanted(person: i64) -> NewToken {
    NewToken {
        person,
        name: "Monitoring".into(),
        scopes: vec!["read".into(), "people.view".into()],
        expires: Some(NOW + DAY),
    }
}

async fn make(world: &World, new: NewToken) -> Result<(i64, String), Error> {
    let drawn = Drawn::new(world.entrance.key(), &world.entropy);
    let text = drawn.reveal();
    let id = world.db.write(move |c| tokens::make(c, by(), &new, &drawn)).await?;
    Ok((id, text))
}

async fn whose(world: &World, bearer: &str, now: i64) -> Option<Token> {
    let digest = tokens::digest(world.entrance.key(), bearer)?;
    world.db.read(move |c| tokens::identify(c, &digest, now)).await.unwrap()
}

#[tokio::test]
async fn s_14_a_token_carries_its_scopes_until_it_expires_or_is_revoked() {
    for world in worlds().await {
        let (id, text) = make(&world, wanted(world.ann)).await.unwrap();
        let token = whose(&world, &text, NOW).await.unwrap();
        assert_eq!((token.person, token.scopes), (world.ann, vec!["read".to_owned(), "people.view".to_owned()]));
        assert!(whose(&world, &text, NOW + DAY - 1).await.is_some());
        assert!(whose(&world, &text, NOW + DAY).await.is_none(), "expired");
        let ann = world.ann;
        let stranger = world.db.write(move |c| tokens::revoke(c, by(), ann + 1, id)).await;
        assert!(matches!(stranger, Err(Error::Refused(refusal)) if refusal.code == "not_found"));
        world.db.write(move |c| tokens::revoke(c, by(), ann, id)).await.unwrap();
        assert!(whose(&world, &text, NOW).await.is_none(), "revoked");
        assert_eq!(world.db.read(move |c| tokens::list(c, ann)).await.unwrap()[0].revoked, Some(NOW));
        let verbs: Vec<String> = world.events(ann).await.into_iter().map(|(verb, _)| verb).collect();
        assert_eq!(verbs, ["password_set", "token_made", "token_revoked"]);
    }
}

#[tokio::test]
async fn s_14_a_token_ends_with_the_right_of_its_person_to_sign_in() {
    for world in worlds().await {
        let ann = world.ann;
        let (_, text) = make(&world, wanted(ann)).await.unwrap();
        world.db.write(move |c| accounts::disable(c, by(), ann)).await.unwrap();
        assert!(whose(&world, &text, NOW).await.is_none());
        let robot = add_person(&world.db, "robot@example.org").await;
        let (_, text) = make(&world, wanted(robot)).await.unwrap();
        assert!(whose(&world, &text, NOW).await.is_some(), "a person without a password");
        world.db.write(move |c| c.run("UPDATE entry SET active = FALSE WHERE id = $1", &[robot.into()])).await.unwrap();
        assert!(whose(&world, &text, NOW).await.is_none(), "retired");
    }
}

#[tokio::test]
async fn s_39_only_the_exact_token_is_one() {
    for world in worlds().await {
        let (_, text) = make(&world, wanted(world.ann)).await.unwrap();
        let bare = text.strip_prefix(tokens::PREFIX).unwrap();
        let digest = tokens::digest(world.entrance.key(), &text).unwrap();
        let wrong = [
            "",
            " ",
            "\0",
            tokens::PREFIX,
            bare,
            &digest,
            &text.to_uppercase(),
            &text.to_lowercase(),
            &format!("{text} "),
            &format!(" {text}"),
            &format!("{text}\0"),
            &format!("{}{digest}", tokens::PREFIX),
        ]
        .map(str::to_owned);
        for bearer in wrong {
            assert!(whose(&world, &bearer, NOW).await.is_none(), "{bearer:?}");
        }
        let cookie = world.browser(NOW).await.session.unwrap();
        assert!(whose(&world, &format!("{}{cookie}", tokens::PREFIX), NOW).await.is_none(), "a session's secret");
        assert!(world.whose(bare, NOW).await.is_none(), "a token as a session");
    }
}

#[tokio::test]
async fn the_last_use_is_kept_to_the_minute() {
    for world in worlds().await {
        let (id, text) = make(&world, wanted(world.ann)).await.unwrap();
        let mut used = Vec::new();
        for after in [0, 59_999, 60_000] {
            let token = whose(&world, &text, NOW + after).await.unwrap();
            assert_eq!(token.wants_touch(NOW + after), after != 59_999);
            world.db.write(move |c| tokens::touch(c, id, NOW + after)).await.unwrap();
            used.push(whose(&world, &text, NOW).await.unwrap().used.unwrap() - NOW);
        }
        assert_eq!(used, [0, 0, 60_000]);
    }
}

#[tokio::test]
async fn a_token_is_made_only_with_a_name_scopes_and_a_future() {
    for world in worlds().await {
        let wrong = NewToken {
            person: world.ann,
            name: " ".into(),
            scopes: ["admin", "", ".", "incident.", "incident.view.all", "Incident.view", "a b.c"]
                .map(str::to_owned)
                .into(),
            expires: Some(NOW),
        };
        let Err(Error::Refused(refusal)) = make(&world, wrong).await else { panic!("nothing of it fits") };
        let codes: Vec<&str> = refusal.errors.iter().map(|error| error.code.as_str()).collect();
        assert_eq!(codes[0], "length");
        assert_eq!(codes.iter().filter(|code| **code == "unknown_scope").count(), 7);
        assert_eq!(codes.last(), Some(&"past"));
        for scope in ["*", "write", "incident.*", "*.view", "service-levels.manage"] {
            let new = NewToken { scopes: vec![scope.into()], expires: None, ..wanted(world.ann) };
            make(&world, new).await.unwrap();
        }
        let none = NewToken { scopes: Vec::new(), ..wanted(world.ann) };
        assert!(make(&world, none).await.is_err());
    }
}

#[tokio::test]
async fn nobody_piles_tokens_up() {
    for world in worlds().await {
        let (ann, key) = (world.ann, world.entrance.key().clone());
        let drawn: Vec<Drawn> = (0..51).map(|_| Drawn::new(&key, &world.entropy)).collect();
        let made = world.db.write(move |c| {
            drawn
                .iter()
                .map(|drawn| tokens::make(c, by(), &wanted(ann), drawn))
                .take_while(Result::is_ok)
                .map(|_| 1)
                .sum::<i64>();
            tokens::make(c, Occasion { now: NOW + 1, ..by() }, &wanted(ann), &drawn[50])
        });
        assert!(matches!(made.await, Err(Error::Refused(refusal)) if refusal.code == "too_many_tokens"));
    }
}
