import { type DragEvent, useRef, useState } from 'react';

/** One file, let go anywhere over an element. */
export function useFileDrop(onFile: (file: File) => void) {
  const [isOver, setIsOver] = useState(false);
  // Entering a child leaves its parent: only as many leavings as enterings are the end.
  const depth = useRef(0);
  const ofFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');
  const end = (): void => {
    depth.current = 0;
    setIsOver(false);
  };
  return {
    isOver,
    handlers: {
      onDragEnter(event: DragEvent) {
        if (!ofFiles(event)) return;
        event.preventDefault();
        depth.current++;
        setIsOver(true);
      },
      onDragOver(event: DragEvent) {
        if (ofFiles(event)) event.preventDefault();
      },
      onDragLeave() {
        depth.current--;
        if (depth.current <= 0) end();
      },
      onDrop(event: DragEvent) {
        if (!ofFiles(event)) return;
        event.preventDefault();
        end();
        const [file] = event.dataTransfer.files;
        if (file !== undefined) onFile(file);
      },
    },
  };
}
