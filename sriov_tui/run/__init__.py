"""A run: the engine that carries a plan out, its journal, the way back, and what a run tells of itself."""
