//! The connections of a bucket's client, which hand on what its answers say in their heads: the
//! library itself keeps neither the status nor how an object is encrypted.

use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use object_store::{ClientOptions, Result};
use std::future::Future;
use std::pin::Pin;

/// What the head of an answer says.
#[derive(Clone, Debug)]
pub struct Said {
    pub encryption: Option<String>,
}

#[derive(Debug)]
pub struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Watched(inner)))
    }
}

#[derive(Debug)]
struct Watched(HttpClient);

type Answer<'a> =
    Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Watched {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> Answer<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let mut answer = self.0.execute(request).await?;
            let head = answer.headers().get("x-amz-server-side-encryption");
            let encryption = head.and_then(|value| value.to_str().ok()).map(str::to_string);
            answer.extensions_mut().insert(Said { encryption });
            Ok(answer)
        })
    }
}
