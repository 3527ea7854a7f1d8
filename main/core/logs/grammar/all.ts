import { agenticKit } from './agentic-kit.ts';
import { atTraffic } from './at-traffic.ts';
import { bk7258 } from './bk7258.ts';
import { espArduino } from './esp-arduino.ts';
import { espCoredump } from './esp-coredump.ts';
import { espIdf } from './esp-idf.ts';
import { espMonitor } from './esp-monitor.ts';
import { espPanic } from './esp-panic.ts';
import { espRom } from './esp-rom.ts';
import type { Grammar } from './grammar.ts';
import { jieli } from './jieli.ts';
import { linux } from './linux.ts';
import { logcat } from './logcat.ts';
import { luatos } from './luatos.ts';
import { rtos } from './rtos.ts';
import { tuya } from './tuya.ts';
import { twetalk } from './twetalk.ts';

/** In the order they are asked: what can cut into another's line first; then those that know a line soonest. */
export const allGrammars: readonly Grammar[] = [
  espCoredump,
  espPanic,
  twetalk,
  espIdf,
  espArduino,
  espRom,
  espMonitor,
  tuya,
  bk7258,
  logcat,
  luatos,
  linux,
  rtos,
  agenticKit,
  jieli,
  atTraffic,
];
