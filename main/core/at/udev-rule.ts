/**
 * ModemManager probes serial ports of anything that might be a modem, and what it writes meanwhile breaks bring-up and flashing.
 * 19d1 is a running module, 17d1 one in download mode.
 */
export const udevRule = `# /etc/udev/rules.d/70-talkbench-cat1.rules
# LTE cat.1 modules on a bench are Talkbench's, not ModemManager's.
ACTION!="add|change|move|bind", GOTO="talkbench_cat1_end"
ATTRS{idVendor}=="19d1", ENV{ID_MM_DEVICE_IGNORE}="1", MODE="0660", GROUP="dialout"
ATTRS{idVendor}=="17d1", ENV{ID_MM_DEVICE_IGNORE}="1", MODE="0660", GROUP="dialout"
LABEL="talkbench_cat1_end"
`;
