/**
 * What PlatformIO's build folder and Arduino's export hold for the flash; null for neither. Nothing there says offsets: the
 * contents do. `names`: of one folder.
 */
export function knownParts(names: readonly string[]): string[] | null {
  return platformIoParts(names) ?? arduinoParts(names);
}

function platformIoParts(names: readonly string[]): string[] | null {
  if (!names.includes('firmware.bin') || !names.includes('partitions.bin')) return null;
  return ['bootloader.bin', 'partitions.bin', 'boot_app0.bin', 'firmware.bin'].filter((name) => names.includes(name));
}

function arduinoParts(names: readonly string[]): string[] | null {
  const sketches = names.filter((name) => name.endsWith('.ino.bin'));
  const [app] = sketches;
  if (app === undefined || sketches.length > 1) return null;
  const stem = app.slice(0, -'.bin'.length);
  if (names.includes(`${stem}.partitions.bin`))
    return [`${stem}.bootloader.bin`, `${stem}.partitions.bin`, 'boot_app0.bin', app].filter((name) => names.includes(name));
  return names.includes(`${stem}.merged.bin`) ? [`${stem}.merged.bin`] : [app];
}
