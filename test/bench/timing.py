"""Times commands side by side: whole processes, in turns, each several times."""

import dataclasses
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import threading
import time


@dataclasses.dataclass
class Contender:
    """A command that reads `source` and writes into an empty folder."""

    name: str
    command: list[str]  # "{out}" stands for the folder
    note: str = ""
    seconds: list[float] = dataclasses.field(default_factory=list)
    cpu_seconds: list[float] = dataclasses.field(default_factory=list)  # of the command, on all cores together
    peak_mib: float = 0  # anonymous memory, without what is mapped from files
    failure: str = ""


def run(contender: Contender, out: pathlib.Path, expected_files: int, passing: tuple[int, ...] = (0,)) -> None:
    """Times one run from an empty folder to its files on the disk: `sync` is part of it."""
    shutil.rmtree(out, ignore_errors=True)
    os.sync()
    before = _cpu()
    start = time.perf_counter()
    process = subprocess.Popen(
        [part.replace("{out}", str(out)) for part in contender.command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    watch = threading.Thread(target=_watch, args=(process, contender))
    watch.start()
    _, errors = process.communicate()
    cpu = _cpu() - before
    subprocess.run(["sync", "-f", out.parent], check=True)
    seconds = time.perf_counter() - start
    watch.join()
    found = sum(1 for p in out.rglob("*") if p.is_file() and p.suffix != ".parquet" and p.name != "_SUCCESS")
    if process.returncode not in passing or found < expected_files:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        contender.failure = f"exit {process.returncode}, {found} of {expected_files} files: {last[0][:80]}"
    else:
        contender.seconds.append(seconds)
        contender.cpu_seconds.append(cpu)


def _cpu() -> float:
    """Processor time of all commands that have ended, their own and the system's for them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process: subprocess.Popen, contender: Contender) -> None:
    """Samples the process's anonymous memory until it ends."""
    while process.poll() is None:
        try:
            for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    contender.peak_mib = max(contender.peak_mib, int(line.split()[1]) / 1024)
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.005)


def rounds(contenders: list[Contender], out: pathlib.Path, expected_files: int, repeats: int) -> None:
    """Runs every contender in turn, then again: noise of the machine meets all of them alike."""
    for _ in range(repeats):
        for contender in contenders:
            if not contender.failure:
                run(contender, out, expected_files)
    shutil.rmtree(out, ignore_errors=True)


def file_system(folder: pathlib.Path) -> str:
    """The kind of file system that a folder is on."""
    command = ["findmnt", "-n", "-o", "FSTYPE", "-T", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]


def machine() -> str:
    """The machine in words, without its name."""
    model = platform.processor() or platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {ram:.0f} GiB, Linux {platform.release().split('-')[0]}"
