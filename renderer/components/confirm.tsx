import { Button, Group, Modal, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface ConfirmProps {
  title: string;
  text: string;
  /** The button that does it. */
  action: string;
  onClose(): void;
  onConfirm(): void;
}

/** Asked before something is gone; the way back has the focus. */
export function Confirm({ title, text, action, onClose, onConfirm }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <Stack gap="sm">
        <div>{text}</div>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {t('frame.cancel')}
          </Button>
          <Button color="red.9" onClick={onConfirm}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
