import { Button } from '@mantine/core';
import { IconMicrophone } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';

/** The board's button, here: held with the mouse, or with Space anywhere on the screen, everything is the user's. */
export function PushToTalk({ conversationId }: { conversationId: string }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [isDown, setDown] = useState(false);
  const down = useRef(false);

  function press(): void {
    if (down.current) return;
    down.current = true;
    setDown(true);
    void run('pipeline.listen', { conversationId, state: 'start' });
  }
  const release = useRef(() => {});
  useEffect(() => {
    release.current = () => {
      if (!down.current) return;
      down.current = false;
      setDown(false);
      void run('pipeline.listen', { conversationId, state: 'stop' });
    };
  }, [run, conversationId]);

  useShortcuts({ Space: press });
  useEffect(() => {
    const letGo = (): void => release.current();
    const onKeyUp = (event: KeyboardEvent): void => {
      if (event.key === ' ' || event.key === 'Enter') letGo();
    };
    // Who leaves the window lets go of the key without the page hearing of it.
    window.addEventListener('keyup', onKeyUp);
    window.addEventListener('pointerup', letGo);
    window.addEventListener('blur', letGo);
    return () => {
      window.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('pointerup', letGo);
      window.removeEventListener('blur', letGo);
      letGo();
    };
  }, []);

  return (
    <Button
      color={isDown ? 'red.9' : 'trace'}
      variant={isDown ? 'filled' : 'light'}
      leftSection={<IconMicrophone size={15} />}
      aria-pressed={isDown}
      aria-keyshortcuts="Space"
      title={t('talk.pushHint')}
      onPointerDown={press}
      onKeyDown={(event) => {
        if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) press();
      }}
    >
      {isDown ? t('talk.pushed') : t('talk.push')}
    </Button>
  );
}
