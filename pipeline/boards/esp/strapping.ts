/**
 * How the host's DTR and RTS reach the chip.
 *
 * - auto: the two transistors of a development board: EN = !(RTS && !DTR), IO0 = !(DTR && !RTS).
 * - no-io0: RTS resets, but nothing pulls IO0: every reset boots the application.
 * - none: neither; a person has to hold BOOT and press RESET.
 * - usb-otg: the chip's own USB as its ROM speaks it, with no button behind it.
 * - usb-serial-jtag: the chip's own USB, which takes a certain walk of the two for the buttons.
 */
export type Wiring = 'auto' | 'no-io0' | 'none' | 'usb-serial-jtag' | 'usb-otg';

export interface Lines {
  dtr: boolean;
  rts: boolean;
}

/** What the lines do to the chip, from one state to the next. */
export class Strapping {
  readonly wiring: Wiring;
  #lines: Lines = { dtr: false, rts: false };
  /** Of the USB peripheral: DTR alone was seen, and both have not been low since. */
  #isArmed = false;
  /** What that was when the reset began: the lines are let go before the chip is. */
  #isLatched = false;

  constructor(wiring: Wiring) {
    this.wiring = wiring;
  }

  get isHeldInReset(): boolean {
    return this.wiring !== 'none' && this.wiring !== 'usb-otg' && this.#lines.rts && !this.#lines.dtr;
  }

  /** A chip that leaves reset at this moment waits for a download. */
  get isDownloadStrapped(): boolean {
    if (this.wiring === 'auto') return this.#lines.dtr && !this.#lines.rts;
    return this.wiring === 'usb-serial-jtag' && this.#isLatched;
  }

  set(lines: Lines): void {
    const wasHeld = this.isHeldInReset;
    this.#lines = { ...lines };
    if (this.isHeldInReset && !wasHeld) this.#isLatched = this.#isArmed;
    // The chip's reference manual: "DTR alone" sets the download flag, both low clears it; both high is only a way to pass.
    if (lines.dtr && !lines.rts) this.#isArmed = true;
    if (!lines.dtr && !lines.rts) this.#isArmed = false;
  }
}
