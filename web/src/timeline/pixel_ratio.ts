/** Tells when the window's pixel ratio changes: it moved to another screen, or was zoomed. */
export function onPixelRatio(changed: () => void): () => void {
  let query: MediaQueryList;
  const again = (): void => {
    watch();
    changed();
  };
  const watch = (): void => {
    query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener('change', again, { once: true });
  };
  watch();
  return () => query.removeEventListener('change', again);
}
