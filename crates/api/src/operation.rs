//! Operations: each declared once, with its route, its right, its description and its handler.

use crate::Api;
use crate::asker::Asker;
use crate::body::Posted;
use crate::openapi::parts;
use crate::problem::Result;
use crate::query::{Ask, Nothing, Paging, Place};
use axum::extract::State;
use axum::handler::Handler;
use axum::http::Method;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde::de::DeserializeOwned;
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

    /// Reads something without parameters.
    pub fn gets<F, A, R>(path: impl Into<String>, handle: F) -> Self
    where
        F: Fn(Api, Asker) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R>> + Send + 'static,
        R: IntoResponse + 'static,
    {
        Self::get(path, move |asker: Asker, State(api): State<Api>, Ask(Nothing {}): Ask<Nothing>| handle(api, asker))
    }

    /// Does something that the body alone says.
    pub fn posts<F, A, R>(path: impl Into<String>, handle: F) -> Self
    where
        F: Fn(Api, Asker, Posted) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R>> + Send + 'static,
        R: IntoResponse + 'static,
    {
        let handle = move |asker: Asker, State(api): State<Api>, Ask(Nothing {}): Ask<Nothing>, posted: Posted| {
            handle(api, asker, posted)
        };
        Self::post(path, handle)
    }

    /// Reads something under what the path names.
    pub fn gets_of<P, F, A, R>(path: impl Into<String>, handle: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        F: Fn(Api, Asker, P) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R>> + Send + 'static,
        R: IntoResponse + 'static,
    {
        let handle = move |asker: Asker, State(api): State<Api>, Place(of): Place<P>, Ask(Nothing {}): Ask<Nothing>| {
            handle(api, asker, of)
        };
        Self::get(path, handle)
    }

    /// The same, page by page.
    pub fn pages_of<P, F, A, R>(path: impl Into<String>, handle: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        F: Fn(Api, Asker, P, Paging) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R>> + Send + 'static,
        R: IntoResponse + 'static,
    {
        let handle = move |asker: Asker, State(api): State<Api>, Place(of): Place<P>, Ask(paging): Ask<Paging>| {
            handle(api, asker, of, paging)
        };
        Self::get(path, handle)
    }

    /// Makes or does something under what the path names, as the body says.
    pub fn posts_to<P, F, A, R>(path: impl Into<String>, handle: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        F: Fn(Api, Asker, P, Posted) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R>> + Send + 'static,
        R: IntoResponse + 'static,
    {
        let handle = move |asker: Asker,
                           State(api): State<Api>,
                           Place(of): Place<P>,
                           Ask(Nothing {}): Ask<Nothing>,
                           posted: Posted| handle(api, asker, of, posted);
        Self::post(path, handle)
    }

    /// Ends what the path names.
    pub fn ends<P, F, A, R>(path: impl Into<String>, handle: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        F: Fn(Api, Asker, P) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R>> + Send + 'static,
        R: IntoResponse + 'static,
    {
        let handle = move |asker: Asker, State(api): State<Api>, Place(of): Place<P>, Ask(Nothing {}): Ask<Nothing>| {
            handle(api, asker, of)
        };
        Self::delete(path, handle)
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
