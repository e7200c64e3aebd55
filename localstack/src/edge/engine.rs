//! Runs one edge function in QuickJS, within limits, many times at once.

use super::error::EdgeError;
use super::host;
use rquickjs::{CatchResultExt as _, Context, Ctx, Function as JsFunction, Module, Promise, Runtime};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The key-value store of a function.
pub type KeyValues = BTreeMap<String, String>;

/// `CloudFront`'s limit for the source of a function.
pub const MAX_SOURCE_BYTES: usize = 10 * 1024;

/// QuickJS itself needs about half a megabyte; `CloudFront` allows a function 2 MB of its own.
const MAX_MEMORY_BYTES: usize = 4 * 1024 * 1024;
const MAX_STACK_BYTES: usize = 256 * 1024;

/// QuickJS asks once in about 10,000 branches and calls whether to go on. A normal call never gets that far.
const MAX_INTERRUPTS: u32 = 100;

/// Contexts kept for the next calls; more are made when more calls run at once.
const MAX_IDLE: usize = 8;

/// The size as it is deployed: infra/edge/inline leaves out empty lines and those that are comments alone.
fn deployed_bytes(source: &str) -> usize {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    source.lines().filter(is_code).map(|line| line.trim_end().len() + 1).sum()
}

/// A loaded edge function.
///
/// Calls are independent of each other and may run on any number of threads. The source is compiled once per context,
/// not once per call. A context in which a call failed is thrown away.
pub struct EdgeFunction {
    source: String,
    values: Arc<KeyValues>,
    idle: Mutex<Vec<Instance>>,
}

/// What a handler left behind.
#[derive(Debug, Deserialize)]
pub struct Outcome {
    /// The returned value: an event's `request` or `response` object, if the handler is right.
    pub result: serde_json::Value,
    /// The id of the origin that the handler selected.
    pub origin: Option<String>,
}

impl EdgeFunction {
    /// Compiles `source` for calls that read `values`.
    ///
    /// # Errors
    /// [`EdgeError::Load`] when the source is larger than [`MAX_SOURCE_BYTES`], does not compile or has no `handler`.
    pub fn load(source: &str, values: Arc<KeyValues>) -> Result<Self, EdgeError> {
        let deployed_bytes = deployed_bytes(source);
        if deployed_bytes > MAX_SOURCE_BYTES {
            return Err(EdgeError::Load(format!("{deployed_bytes} bytes, at most {MAX_SOURCE_BYTES}")));
        }
        let source = format!("{source}\nglobalThis.handler = handler;\n");
        let first = Instance::new(&source, &values)?;
        Ok(Self { source, values, idle: Mutex::new(vec![first]) })
    }

    /// Runs the handler with an event in JSON. During the call the clock stands at `now_ms`, milliseconds since 1970.
    ///
    /// # Errors
    /// [`EdgeError::Failed`] when the handler throws, never settles or passes a limit; [`EdgeError::Malformed`] when it
    /// returns nothing.
    pub fn call(&self, event: &str, now_ms: u64) -> Result<Outcome, EdgeError> {
        let idle = self.idle().pop();
        let instance = idle.map_or_else(|| Instance::new(&self.source, &self.values), Ok)?;
        let outcome = instance.call(event, now_ms)?;
        let mut idle = self.idle();
        if idle.len() < MAX_IDLE {
            idle.push(instance);
        }
        drop(idle);
        serde_json::from_str(&outcome).map_err(|error| EdgeError::Malformed(error.to_string()))
    }

    /// A panic elsewhere cannot leave the list half changed, so a poisoned lock is as good as any.
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Instance>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One QuickJS runtime with the function compiled in it. Only one call runs in it at a time.
struct Instance {
    context: Context,
    interrupts: Arc<AtomicU32>,
}

impl Instance {
    fn new(source: &str, values: &Arc<KeyValues>) -> Result<Self, EdgeError> {
        let interrupts = Arc::new(AtomicU32::new(0));
        let context =
            new_context(Arc::clone(&interrupts)).map_err(|error| EdgeError::Load(error.to_string()))?;
        context.with(|ctx| {
            let loaded = load(&ctx, source, Arc::clone(values));
            loaded.catch(&ctx).map_err(|error| EdgeError::Load(error.to_string()))
        })?;
        Ok(Self { context, interrupts })
    }

    fn call(&self, event: &str, now_ms: u64) -> Result<String, EdgeError> {
        self.interrupts.store(0, Ordering::Relaxed);
        self.context.with(|ctx| {
            let called = invoke(&ctx, event, now_ms);
            called.catch(&ctx).map_err(|error| EdgeError::Failed(error.to_string()))
        })
    }
}

fn new_context(interrupts: Arc<AtomicU32>) -> rquickjs::Result<Context> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(MAX_MEMORY_BYTES);
    runtime.set_max_stack_size(MAX_STACK_BYTES);
    runtime.set_interrupt_handler(Some(Box::new(move || {
        interrupts.fetch_add(1, Ordering::Relaxed) >= MAX_INTERRUPTS
    })));
    Context::full(&runtime)
}

/// The functions import `cloudfront` by name, so the runtime goes first and under that name.
fn load(ctx: &Ctx<'_>, source: &str, values: Arc<KeyValues>) -> rquickjs::Result<()> {
    host::install(ctx, values)?;
    for (name, source) in [("cloudfront", include_str!("runtime.js")), ("function", source)] {
        let (_, evaluated) = Module::declare(ctx.clone(), name, source)?.eval()?;
        evaluated.finish::<()>()?;
    }
    Ok(())
}

fn invoke(ctx: &Ctx<'_>, event: &str, now_ms: u64) -> rquickjs::Result<String> {
    let invoke: JsFunction<'_> = ctx.globals().get("invoke")?;
    // JavaScript's own clock is a double, exact for the next 285,000 years.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay far below 2^53")]
    let promise: Promise<'_> = invoke.call((event, now_ms as f64))?;
    promise.finish()
}
