/** The board's end of a serial line, as the bench's port layer or a PTY drives it. */
export interface BoardUart {
  /** Bytes from the host to the board's RX pin. */
  receive(data: Uint8Array): void;
  /** Bytes from the board's TX pin. Several listeners (bench port and PTY) may hear the same output. Returns its removal. */
  onTransmit(listener: (data: Uint8Array) => void): () => void;
  /** DTR and RTS as the host drives them, wired to IO0 and EN like a dev board: EN = !(RTS && !DTR), IO0 = !(DTR && !RTS). */
  setLines(lines: { dtr: boolean; rts: boolean }): void;
  /** The host's baud rate; the ROM loader garbles when it differs from the board's. */
  setBaudRate(baudRate: number): void;
  /** The host opened or closed its end (a PTY sees this too). */
  setOpen(isOpen: boolean): void;
  /** Resolves when the line has taken enough of what it was given; null or absent: it can take more now. */
  room?(): Promise<void> | null;
  /** Of a board that is a USB device of its own: whether the host sees it. Absent: always. */
  readonly presence?: { isPresent(): boolean; onChange(listener: (isPresent: boolean) => void): () => void };
}
