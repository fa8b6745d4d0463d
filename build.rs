//! A smaller start for the three programs: most of what the loader does for them is to move some
//! 50,000 addresses, of which a packed list is a fiftieth. The loader must know such lists.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let is_ours = of("HOST") == of("TARGET");
    let is_glibc = of("CARGO_CFG_TARGET_OS") == "linux" && of("CARGO_CFG_TARGET_ENV") == "gnu";
    if is_ours && is_glibc && packs() {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Whether the C library of this machine, for which this is built, is at least 2.36.
fn packs() -> bool {
    let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let told = asked.ok().and_then(|asked| String::from_utf8(asked.stdout).ok());
    let version = told.as_deref().and_then(|told| told.trim().strip_prefix("glibc 2."));
    version.and_then(|minor| minor.split('.').next()?.parse::<u32>().ok()) >= Some(36)
}
