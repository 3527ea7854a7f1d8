import { ActionIcon, type ActionIconProps, Tooltip } from '@mantine/core';
import type { ComponentPropsWithRef, ReactNode } from 'react';

export interface ToolProps extends ActionIconProps, Omit<ComponentPropsWithRef<'button'>, keyof ActionIconProps> {
  label: string;
  /** The key that does the same, for the tooltip. */
  keys?: string;
  isOn?: boolean;
  children: ReactNode;
}

/** A button of the tool bar: an icon that says what it does, and by which key. */
export function Tool({ label, keys, isOn, children, ...rest }: ToolProps) {
  return (
    <Tooltip label={keys === undefined ? label : `${label} · ${keys}`}>
      <ActionIcon aria-label={label} aria-pressed={isOn} {...(isOn === true ? { variant: 'light', color: 'trace' } : {})} {...rest}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
