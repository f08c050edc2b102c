// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A Rust module (cdylib): a vector and a box are leaked; threads are joined; a thread-local value has a destructor.
use std::cell::RefCell;
use std::mem;
use std::thread;

struct Log(Vec<String>);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.clear();
    }
}

thread_local! {
    static LOG: RefCell<Log> = RefCell::new(Log(Vec::new()));
}

fn note(text: &str) -> usize {
    LOG.with(|log| {
        log.borrow_mut().0.push(text.to_string());
        log.borrow().0.len()
    })
}

// Counts its ends, where the host says.
struct Counted(*mut u32);

impl Drop for Counted {
    fn drop(&mut self) {
        unsafe { *self.0 += 1 };
    }
}

thread_local! {
    static COUNTED: RefCell<Option<Counted>> = RefCell::new(None);
}

#[no_mangle]
pub extern "C" fn rust_touch(ends: *mut u32) {
    COUNTED.with(|counted| *counted.borrow_mut() = Some(Counted(ends)));
}

// So that the compiler can't leave out an allocation that nobody looks at. (black_box is too new for Debian's rustc.)
#[inline(never)]
fn used<T>(mut value: T) -> T {
    let first = &mut value as *mut T as *mut u8;
    unsafe { first.write_volatile(first.read_volatile()) };
    value
}

#[no_mangle]
#[inline(never)]
pub extern "C" fn rust_leak_vector() {
    let mut numbers: Vec<u64> = Vec::with_capacity(1000);
    numbers.push(1);
    mem::forget(used(numbers));
}

#[no_mangle]
#[inline(never)]
pub extern "C" fn rust_leak_boxes() {
    for i in 0..10u8 {
        mem::forget(used(Box::new([i; 100])));
    }
}

#[no_mangle]
pub extern "C" fn rust_work() -> i32 {
    let threads: Vec<_> = (0..4)
        .map(|i| thread::spawn(move || note(&format!("thread {}", i)) + note("again")))
        .collect();
    let sum: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    note("the thread that called");
    rust_leak_vector();
    rust_leak_boxes();
    if sum == 12 { 0 } else { 1 }
}
