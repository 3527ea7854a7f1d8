import { Button, Group, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export interface ConfirmProps {
  title: string;
  /** What is lost. */
  what: string;
  go: string;
  onGo(): void;
  onClose(): void;
}

/** Asked before something is gone for good. */
export function Confirm({ title, what, go, onGo, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('monitor.close') }}>
      <p style={{ marginTop: 0 }}>{what}</p>
      <Group justify="flex-end" gap={8}>
        <Button data-autofocus variant="default" onClick={onClose}>
          {t('frame.cancel')}
        </Button>
        <Button
          color="red"
          onClick={() => {
            onGo();
            onClose();
          }}
        >
          {go}
        </Button>
      </Group>
    </Modal>
  );
}
