import { useMantineColorScheme } from '@mantine/core';
import { type RefObject, useEffect, useRef } from 'react';
import { inNextFrame } from '../../../lib/idle.ts';
import { useSessionViewStore } from '../session-view.ts';
import { drawWords, type Palette, readPalette } from '../timeline-drawing.ts';
import { drawTimeline, type TimelinePicture } from './draw-timeline.ts';
import { Pixels } from './pixels.ts';

/** The pixels in memory, and what takes them to the screen whatever the size of its own. */
interface TracksImage {
  pixels: Pixels;
  image: ImageData;
  inner: OffscreenCanvasRenderingContext2D;
}

/**
 * Draws in the frame after something changed, once however much it was. Panning and zooming are drawn from the store, without a
 * component that would have to be rendered for it. `version` changes with what the model holds.
 */
export function useCanvas(picture: TimelinePicture, width: number, version: number): RefObject<HTMLCanvasElement | null> {
  const store = useSessionViewStore();
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useRef<{ scheme: string; colours: Palette } | null>(null);
  const tracks = useRef<TracksImage | null>(null);
  const { colorScheme } = useMantineColorScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the model and the sound change within themselves, told by the version
  useEffect(() => {
    let cancel: (() => void) | null = null;
    function draw(): void {
      cancel = null;
      const element = canvas.current;
      const context = element?.getContext('2d');
      if (element === null || context === null || context === undefined || width < 1) return;
      const ratio = window.devicePixelRatio;
      const [wide, high] = [Math.round(width * ratio), Math.round(picture.height * ratio)];
      // Only a canvas of another size needs new memory.
      if (element.width !== wide || element.height !== high) Object.assign(element, { width: wide, height: high });
      const columns = Math.floor(width);
      if (tracks.current?.pixels.width !== columns || tracks.current.pixels.height !== picture.height)
        tracks.current = imageOf(columns, picture.height);
      if (tracks.current === null) return;
      const scheme = document.documentElement.dataset.mantineColorScheme ?? '';
      if (palette.current?.scheme !== scheme) palette.current = { scheme, colours: readPalette(element) };
      const { pixels, image, inner } = tracks.current;
      const drawing = { pixels, labels: [], width: columns, view: store.getState().view, palette: palette.current.colours };
      drawTimeline(drawing, picture);
      inner.putImageData(image, 0, 0);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(inner.canvas, 0, 0);
      drawWords(context, drawing, picture.pinnedHeight);
    }
    const drawSoon = (): void => {
      cancel ??= inNextFrame(draw);
    };
    drawSoon();
    const unsubscribe = store.subscribe((state, before) => {
      if (state.view !== before.view) drawSoon();
    });
    return () => {
      unsubscribe();
      cancel?.();
    };
  }, [store, picture, width, version, colorScheme]);
  return canvas;
}

function imageOf(width: number, height: number): TracksImage | null {
  const pixels = new Pixels(width, height);
  const inner = new OffscreenCanvas(width, height).getContext('2d');
  return inner === null ? null : { pixels, image: new ImageData(pixels.bytes, width, height), inner };
}
