import { lookStories } from './stories/look.ts';
import { tellBoth } from './tell-both.ts';

tellBoth(lookStories);
