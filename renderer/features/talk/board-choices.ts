/** Virtual boards, by whose chips they have. The words are `talk.kindOf.<kind>`. */
export const boardKinds = [
  {
    group: 'esp',
    kinds: ['esp32s3', 'esp32', 'esp32s2', 'esp32c2', 'esp32c3', 'esp32c5', 'esp32c6', 'esp32c61', 'esp32h2', 'esp32p4'],
  },
  { group: 'cat1', kinds: ['cat1'] },
  { group: 'beken', kinds: ['bk7258'] },
] as const;

/** What can be wrong with an ESP board, by where one would look for it. The words are `talk.fault.<fault>`. */
export const faults = [
  { group: 'line', faults: ['bad-cable', 'echo', 'slow-loader'] },
  { group: 'reset', faults: ['no-reset-circuit', 'no-boot-circuit', 'native-usb'] },
  { group: 'flash', faults: ['bad-flash', 'unknown-flash-size', 'power-cut', 'no-stub'] },
  { group: 'security', faults: ['secure-boot', 'flash-encryption', 'secure-download'] },
] as const;

/** What can be wrong with an LTE module. The words are `talk.trouble.<trouble>`. */
export const troubles = ['none', 'no-sim', 'pin', 'no-signal', 'weak-signal', 'denied', 'slow-network', 'interrupts', 'bad-imei'] as const;
