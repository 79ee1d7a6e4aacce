//! Why the kernel refuses, and what to do about it.

use std::io;

/// The text for the error of a call, where `paranoid` is the value of `kernel.perf_event_paranoid`, if it is known.
pub fn why(error: &io::Error, paranoid: Option<i64>) -> String {
    match (error.raw_os_error().unwrap_or(0), paranoid) {
        (libc::EACCES | libc::EPERM, Some(paranoid)) if paranoid > 2 => format!(
            "kernel.perf_event_paranoid is {paranoid}; allow it with `sysctl kernel.perf_event_paranoid=2`, or give the \
             program the capability CAP_PERFMON"
        ),
        (libc::EACCES, _) => {
            "a security policy of this system, such as SELinux, forbids perf_event_open; allow it there, \
                              or give the program the capability CAP_PERFMON"
                .to_owned()
        }
        (libc::EPERM, _) => {
            "a filter around the program forbids perf_event_open, as containers have it; start the container \
                             with --cap-add PERFMON, or with a seccomp profile that allows the call"
                .to_owned()
        }
        (libc::ENOSYS, _) => "there is no perf_event_open here: the kernel was built without it, or a sandbox such as \
                              gVisor stands for the kernel; run it on the kernel itself"
            .to_owned(),
        (libc::EINVAL | libc::E2BIG | libc::ENOENT | libc::EOPNOTSUPP, _) => {
            format!("this kernel cannot do it, Linux can since 4.3 ({error})")
        }
        (libc::EMFILE | libc::ENFILE, _) => {
            format!("a file descriptor was needed for a moment ({error}); raise the limit with `ulimit -n`")
        }
        _ => error.to_string(),
    }
}

/// Why there is no ring where the kernel does not let the process lock as much memory.
pub const NO_ROOM: &str = "the kernel gives no more locked memory; raise it with `sysctl kernel.perf_event_mlock_kb` or \
                           `ulimit -l`";

/// The text for a ring that there was no memory for.
pub fn no_room(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::EPERM) => NO_ROOM.to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: i32, paranoid: Option<i64>, advice: &str) {
        let text = why(&io::Error::from_raw_os_error(code), paranoid);
        assert!(text.contains(advice), "{text}");
        // With what is around it, a line of the file.
        assert!(text.len() < 900 && !text.contains(char::is_control), "{text}");
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        check(
            libc::EACCES,
            Some(3),
            "kernel.perf_event_paranoid is 3; allow it with `sysctl kernel.perf_event_paranoid=2`",
        );
        check(libc::EPERM, Some(4), "sysctl kernel.perf_event_paranoid=2");
        check(libc::EACCES, Some(2), "SELinux");
        check(libc::EPERM, Some(2), "--cap-add PERFMON");
        check(libc::EPERM, None, "seccomp");
        check(libc::ENOSYS, None, "gVisor");
        check(libc::EINVAL, Some(1), "4.3");
        check(libc::EMFILE, Some(1), "ulimit -n");
        check(libc::EIO, Some(1), "error");
        let text = no_room(&io::Error::from_raw_os_error(libc::EPERM));
        assert!(text.contains("perf_event_mlock_kb"), "{text}");
    }
}
