/** Unit tests of the pure modules; what a person does is tested in `e2e/`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
