"""One file for each thing that can be wrong; `app.domain.diagnosis.registry` names them all."""
