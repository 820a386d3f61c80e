"""An interview under way: begun or resumed, its draft kept, its end stored."""
