//! Signals: SIGTERM and SIGINT ask a run to end at its next step.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// A value that becomes true when the process is told to end. Needs a running tokio runtime.
pub fn stop() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let sender = sender.clone();
        // Without a handler the signal ends the process at once, which loses nothing either.
        if let Ok(mut signals) = signal(kind) {
            tokio::spawn(async move {
                signals.recv().await;
                sender.send_replace(true);
            });
        }
    }
    receiver
}

/// Is there once the process is told to end.
pub async fn ended() {
    let mut told = stop();
    // Without a handler the signal has ended the process already.
    let _ = told.wait_for(|is_told| *is_told).await;
}
