"""Ordinary English words that mean nothing to the translator.

They are listed so that none of them is taken for a misspelt name ("card" is no `cart`), and so that a sentence about something else is told
apart from one that could not be read.
"""

from __future__ import annotations

ORDINARY: frozenset[str] = frozenset(
    """
    able act add address afraid age air all almost alone along animal area ask asking away baby bad bank base bath beach bean bear beat because become bed best bet big bird blue boat
    body bone book born both box boy brain bread bring brother build building business busy buy call came camera can car card care case cash cat catch cause chair chance cheap check
    child city class clear close cloud coat code coffee cold color come cook cool cost could country cream cup dad dark data date day dead deal dear death deep desk die dinner dish doctor
    dog door draw dream dress drink drive drug dry each ear early earth east easy eat eight else end enough even evening event every everything exact example expect eye face fact fall
    family far farm fast father fear feel feet few field fight figure file fill film fine fire first fish five floor fly follow food foot form four free friend friday front full fun fund
    future garden gas girl glad glass goal god gold gone good great green ground group guess gun hair hall hand happen happy hard hat hate head hear heart heat heavy held hell here hide
    high hill history hit hold hole home hope horse hospital host hot hotel hour house huge human hurt husband ice idea inside interest jump june july just keen key kid kill kind king kiss kitchen
    knee knew know lady lake land language large last late laugh law lead learn least leave left leg lesson letter life lift light line lion lip list listen little live long lord
    lose lost lot love low luck lunch machine mad main man many map mark market master match matter may meal mean meat meet member men middle might mile milk mind mine minute miss mode model
    moment money monday month moon more morning most mother mountain mouse mouth much mum name near neck new nice night nine nose note notice number occur ocean off office often oil old
    open option order other outside page paint pair paper parent park part party pass past path pay peace pen people perfect person phone pick piece place plan plane plant play please
    plenty point police poor port possible post power present press price print private public push question quick quiet quite race radio rain ran rather reach ready real really reason
    record red remember rent rest rich ride ring rise river road rock roof room round rule safe sail salt same sand sat sausage save saw school score sea season seat second sell send
    sense serious seven shape share she ship shoe shop short shot shoulder side sign silver simple since sing sister sit six size skin sky sleep slow small smell smile snow soft soil some son soon
    sort sound south space speak special speed spend sport spring square staff stage stand star station stay step stick stone store storm story straight strange street strong student
    study such sugar suit summer sun sunday sure sweet swim table talk tall taste tax tea teach team tell ten tend test text thank thing think third thought three throw thursday tie time tired
    today together tomorrow tonight tool tooth top total touch toward town trade train travel tree trial trip true trust truth try tuesday turn twelve twenty type uncle upon use usual
    very view village visit voice wait walk wall war warm wash waste watch water way wear weather wednesday week weight welcome well west wet wheel where while white whole wide wife
    wild win wind window wine winter wish woman wonder wood word world worry worse worst worth wrong yard year yellow yes yesterday yet young sorts sort numbers letters python write written faster
    slower better nicer berlin london paris tell someone anybody program function email capital france germany says tells something anything nothing hello think best random question answer
    about above across after again against any around before behind below between beyond during except from into like might must never next nor often once only onto otherwise over perhaps
    shall should since so than that their them then there these they this those though through thus till under unless until unlike up was were what whatever when whenever whether which
    who whom whose why will with within without would you your yours make makes making made want wants need needs give gave given take takes took taken get gets getting goes went going
    mine ours hers him her his its our us we i me my he it is am are be been being do does did done has have had a an and as at but by for if in of on or the to too
    """.split()
)
