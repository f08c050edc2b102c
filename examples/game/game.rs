// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A module in Rust that implements game.h, together with game-rust.c: a static library that is linked into it.
use std::ffi::CString;
use std::os::raw::{c_char, c_double};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicI32, Ordering};

#[repr(C)]
pub struct Vec3 {
    x: f32,
    y: f32,
    z: f32,
}

extern "C" {
    fn game_log(text: *const c_char);
    fn strdup(text: *const c_char) -> *mut c_char;
}

static UPDATES: AtomicI32 = AtomicI32::new(0);

fn log(text: &str) {
    let text = CString::new(text).unwrap();
    unsafe { game_log(text.as_ptr()) };
}

fn update(position: &mut Vec3, seconds: f64) -> i32 {
    if seconds < 0.0 {
        panic!("time runs backwards: {} s", seconds);
    }
    log("update");
    position.x += seconds as f32;
    UPDATES.fetch_add(1, Ordering::Relaxed) + 1
}

/// Runs `work`, and says in `why` what its panic said.
unsafe fn contained<T>(work: impl FnOnce() -> T, result: *mut T, why: *mut c_char, size: usize) -> bool {
    let payload = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => {
            *result = value;
            return true;
        }
        Err(payload) => payload,
    };
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "a panic without a text",
    };
    let length = text.len().min(size - 1);
    std::ptr::copy_nonoverlapping(text.as_ptr(), why as *mut u8, length);
    *why.add(length) = 0;
    false
}

#[no_mangle]
unsafe extern "C" fn rust_update(
    position: *mut Vec3,
    seconds: c_double,
    updates: *mut i32,
    why: *mut c_char,
    size: usize,
) -> bool {
    contained(|| update(&mut *position, seconds), updates, why, size)
}

fn title() -> *mut c_char {
    let title = CString::new("chess in Rust").unwrap();
    unsafe { strdup(title.as_ptr()) }
}

// From C's heap, since the host frees it with free().
#[no_mangle]
unsafe extern "C" fn rust_title(result: *mut *mut c_char, why: *mut c_char, size: usize) -> bool {
    contained(title, result, why, size)
}

#[no_mangle]
unsafe extern "C" fn rust_before_unload(why: *mut c_char, size: usize) -> bool {
    contained(|| log(&format!("{} updates", UPDATES.load(Ordering::Relaxed))), &mut (), why, size)
}
