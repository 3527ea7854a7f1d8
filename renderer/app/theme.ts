import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Talkbench's own green: the trace of an oscilloscope. */
const trace: MantineColorsTuple = [
  '#e4fbf3',
  '#c6f3e2',
  '#96e6c8',
  '#62d9ac',
  '#36c992',
  '#1fb581',
  '#10835d',
  '#0c7553',
  '#085f43',
  '#044a33',
];

/** Neutral with a breath of blue: what the lanes' colours must stand out from. */
const dark: MantineColorsTuple = [
  '#e4e8ec',
  '#c3cad1',
  '#9aa4ae',
  '#76818c',
  '#4a535c',
  '#383f47',
  '#2b3138',
  '#1d2126',
  '#181b1f',
  '#121518',
];

/** Controls of a dense tool; the ones with more to say are below. */
const smallByDefault = ['TextInput', 'NumberInput', 'Select', 'Autocomplete', 'Textarea', 'SegmentedControl', 'Checkbox', 'Switch'];

/** What opens over the page is there, and gone, at once: a key that is pressed next is not for something that fades. */
const atOnce = { duration: 0 };

export const theme = createTheme({
  primaryColor: 'trace',
  primaryShade: { light: 7, dark: 6 },
  colors: { trace, dark },
  defaultRadius: 'sm',
  fontFamily: "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace",
  headings: { fontWeight: '600' },
  fontSizes: { sm: '13px' },
  components: {
    ...Object.fromEntries(smallByDefault.map((name) => [name, { defaultProps: { size: 'xs' } }])),
    Button: { defaultProps: { size: 'xs', fw: 500 } },
    Badge: { defaultProps: { tt: 'none', fw: 600 } },
    Table: { defaultProps: { borderColor: 'var(--line)' } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, fz: 'xs' } },
    ActionIcon: { defaultProps: { size: 26, variant: 'subtle', color: 'gray' } },
    Popover: { defaultProps: { transitionProps: atOnce } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 }, transitionProps: atOnce } },
  },
});
