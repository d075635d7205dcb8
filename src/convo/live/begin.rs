//! Who is there before a script begins: customers that the shop has met, and the people who work in it.

use chrono::Duration;

use super::{Live, broken};
use crate::convo::script::Actor;
use crate::convo::world::{Setting, World as _, WorldError};
use crate::store;

impl Live {
    /// Makes an actor's chat a staff chat, through the door that people use: a one-time code.
    pub(super) async fn link(&mut self, actor: &Actor) -> Result<(), WorldError> {
        let name = actor.display.clone().unwrap_or_else(|| capital(&actor.name));
        let email = format!("{}@staff.example", actor.name);
        let code = store::staff::new_code(&self.process.clock.secret());
        let now = self.process.clock.now();
        {
            let mut connection = self.process.pool.acquire().await.map_err(broken)?;
            let user = store::staff::insert(
                &mut connection,
                &self.process.clock,
                &self.process.store,
                &name,
                &email,
                "owner",
                now,
            )
            .await
            .map_err(broken)?
            .ok_or_else(|| WorldError::new(format!("there is a person {email} already")))?;
            store::staff::insert_code(
                &mut connection,
                &self.process.store,
                &user,
                &code,
                now + Duration::hours(1),
                now,
            )
            .await
            .map_err(broken)?;
        }
        self.say(&actor.name, &format!("/link {code}")).await?;
        self.settle().await?;
        self.take_messages(&actor.name);
        self.traces.clear();
        Ok(())
    }

    /// What the shop knows of people before they write: on platforms that tell no language, a customer who does not write
    /// the shop's language is one who has chosen theirs before.
    pub(super) async fn introduce(&mut self, setting: &Setting) -> Result<(), WorldError> {
        let mut connection = self.process.pool.acquire().await.map_err(broken)?;
        for actor in setting.actors.iter().filter(|actor| self.fars.contains_key(&actor.channel)) {
            let (Some(language), Some(person)) = (actor.language, self.people.get(&actor.name)) else {
                continue;
            };
            let mut transaction = sqlx::Connection::begin(&mut *connection).await.map_err(broken)?;
            let customer = store::customers::find_or_insert(
                &mut transaction,
                &self.process.clock,
                &self.process.store,
                &person.address,
                actor.display.as_deref(),
                actor.phone.as_deref(),
                setting.clock,
            )
            .await
            .map_err(broken)?;
            store::customers::set_language(&mut transaction, &customer, language, setting.clock)
                .await
                .map_err(broken)?;
            transaction.commit().await.map_err(broken)?;
        }
        Ok(())
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
