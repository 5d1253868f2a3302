//! Operations: each declared once, with its route, its right, its description and its handler.

use crate::Api;
use crate::openapi::parts;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::{Value as Json, json};

/// One operation of the API. Router, `OpenAPI` description and route inventory are made from it.
pub struct Operation {
    pub method: Method,
    /// Below `/api/v1`, variable parts in braces.
    pub path: String,
    /// The process or register whose right it needs, or a word such as `tokens`.
    pub area: &'static str,
    /// The right, such as `view` or a verb; `own` for a person's own things.
    pub action: &'static str,
    /// Unique name for generated clients.
    pub id: String,
    /// The chapter of the description.
    pub tag: &'static str,
    pub summary: String,
    pub parameters: Vec<Json>,
    /// The request body as `OpenAPI` has it.
    pub body: Option<Json>,
    /// Successful answers: status and response as `OpenAPI` has it.
    pub answers: Vec<(u16, Json)>,
    pub handler: MethodRouter<Api>,
}

impl Operation {
    fn new<H, T>(method: Method, filter: MethodFilter, path: String, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self {
            method,
            path,
            area: "",
            action: "",
            id: String::new(),
            tag: "",
            summary: String::new(),
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            handler: on(filter, handler),
        }
    }

    /// Reads.
    pub fn get<H: Handler<T, Api>, T: 'static>(path: impl Into<String>, handler: H) -> Self {
        Self::new(Method::GET, MethodFilter::GET, path.into(), handler)
    }

    /// Makes or does something; takes an Idempotency-Key.
    pub fn post<H: Handler<T, Api>, T: 'static>(path: impl Into<String>, handler: H) -> Self {
        Self::new(Method::POST, MethodFilter::POST, path.into(), handler)
            .asks(parts::reference("parameters", "IdempotencyKey"))
    }

    /// Changes parts of something that was read; needs If-Match.
    pub fn patch<H: Handler<T, Api>, T: 'static>(path: impl Into<String>, handler: H) -> Self {
        Self::new(Method::PATCH, MethodFilter::PATCH, path.into(), handler)
            .asks(parts::reference("parameters", "IfMatch"))
    }

    /// Ends something.
    pub fn delete<H: Handler<T, Api>, T: 'static>(path: impl Into<String>, handler: H) -> Self {
        Self::new(Method::DELETE, MethodFilter::DELETE, path.into(), handler)
            .gives(204, json!({ "description": "Done." }))
    }

    /// The right that it needs.
    pub fn may(self, area: &'static str, action: &'static str) -> Self {
        Self { area, action, ..self }
    }

    /// Its name, chapter and one line of what it does.
    pub fn named(self, id: impl Into<String>, tag: &'static str, summary: impl Into<String>) -> Self {
        Self { id: id.into(), tag, summary: summary.into(), ..self }
    }

    /// A parameter.
    pub fn asks(mut self, parameter: Json) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A JSON body of this schema.
    pub fn takes(mut self, schema: &Json, required: bool) -> Self {
        self.body = Some(json!({ "required": required, "content": { "application/json": { "schema": schema } } }));
        self
    }

    /// A body of any other kind.
    pub fn takes_other(mut self, body: Json) -> Self {
        self.body = Some(body);
        self
    }

    /// A successful answer.
    pub fn gives(mut self, status: u16, response: Json) -> Self {
        self.answers.push((status, response));
        self
    }

    /// A successful answer in JSON of this schema.
    pub fn gives_json(self, status: u16, description: &str, schema: &Json) -> Self {
        let content = json!({ "application/json": { "schema": schema } });
        self.gives(status, json!({ "description": description, "content": content }))
    }
}
