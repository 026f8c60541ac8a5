//! Name lists of nine countries: frequent names in order, and the syllables of rare ones.
//!
//! Written for this generator after the usual order of frequency; weights come from the rank alone.

/// The names of a country.
pub struct NameList {
    pub given: &'static str,
    pub family: &'static str,
    pub given_parts: [&'static str; 2],
    pub family_parts: [&'static str; 3],
    /// Share of composed (rare) given and family names.
    pub given_tail: f64,
    pub family_tail: f64,
}

/// The lists, by country.
pub static LISTS: [NameList; 9] = [
    NameList {
        given: "John James Robert William David Michael Mary Thomas Richard Charles Joseph \
            Christopher Daniel Paul Mark Donald George Kenneth Steven Edward Brian Ronald Anthony \
            Kevin Jason Matthew Gary Timothy Jose Larry Jeffrey Frank Scott Eric Stephen Andrew \
            Raymond Gregory Joshua Jerry Dennis Walter Patrick Peter Harold Douglas Henry Carl \
            Arthur Ryan Roger Joe Juan Jack Albert Patricia Linda Barbara Elizabeth Jennifer Maria \
            Susan Margaret Dorothy Lisa Nancy Karen Betty Helen Sandra Donna Carol Ruth Sharon \
            Michelle Laura Sarah Kimberly Deborah Jessica Shirley Cynthia Angela Melissa Brenda \
            Amy Anna Rebecca Virginia Kathleen Pamela Martha Debra Amanda Stephanie Carolyn \
            Christine Marie Janet Catherine Frances Ann Joyce Diane Alice Julie Heather Teresa \
            Doris Gloria Evelyn Jean Cheryl Mildred Katherine Joan Ashley Judith Rose Janice Kelly \
            Nicole Judy Christina Kathy Theresa Beverly Denise Tammy Irene Jane Lori Rachel \
            Marilyn Andrea Kathryn Louise Sara Anne Jacqueline Wanda Bonnie Julia Ruby Lois Tina \
            Phyllis Norma Paula Diana Annie Lillian Emily Robin Leonard Samuel Benjamin Bruce \
            Adam Harry Fred Wayne Billy Steve Louis Jeremy Aaron Randy Howard Eugene Carlos \
            Russell Bobby Victor Martin Ernest Phillip Todd Jesse Craig Alan Shawn Clarence Sean \
            Philip Chris Johnny Earl Jimmy Antonio Danny Bryan Tony Luis Mike Stanley Nathan Dale \
            Manuel Rodney Curtis Norman Allen Marvin Vincent Glenn Jeffery Travis Jeff Chad Jacob \
            Lee Melvin Alfred Kyle Francis Bradley Jesus Herbert Frederick Ray Joel Edwin Don \
            Eddie Ricky Troy Randall Barry Alexander Bernard Mario Leroy Francisco Marcus Theodore",
        family: "Smith Johnson Williams Brown Jones Miller Davis Garcia Rodriguez Wilson Martinez \
            Anderson Taylor Thomas Hernandez Moore Martin Jackson Thompson White Lopez Lee \
            Gonzalez Harris Clark Lewis Robinson Walker Perez Hall Young Allen Sanchez Wright King \
            Scott Green Baker Adams Nelson Hill Ramirez Campbell Mitchell Roberts Carter Phillips \
            Evans Turner Torres Parker Collins Edwards Stewart Flores Morris Nguyen Murphy Rivera \
            Cook Rogers Morgan Peterson Cooper Reed Bailey Bell Gomez Kelly Howard Ward Cox Diaz \
            Richardson Wood Watson Brooks Bennett Gray James Reyes Cruz Hughes Price Myers Long \
            Foster Sanders Ross Morales Powell Sullivan Russell Ortiz Jenkins Gutierrez Perry \
            Butler Barnes Fisher Henderson Coleman Simmons Patterson Jordan Reynolds Hamilton \
            Graham Kim Gonzales Alexander Ramos Wallace Griffin West Cole Hayes Chavez Gibson \
            Bryant Ellis Stevens Murray Ford Marshall Owens McDonald Harrison Ruiz Kennedy Wells \
            Alvarez Woods Mendoza Castillo Olson Webb Washington Tucker Freeman Burns Henry \
            Vasquez Snyder Simpson Crawford Jimenez Porter Mason Shaw Gordon Wagner Hunter Romero \
            Hicks Dixon Hunt Palmer Robertson Black Holmes Stone Meyer Boyd Mills Warren Fox Rose \
            Rice Moreno Schmidt Patel Ferguson Nichols Herrera Medina Ryan Fernandez Weaver \
            Daniels Stephens Gardner Payne Kelley Dunn Pierce Arnold Tran Spencer Peters Hawkins",
        given_parts: [
            "Ja La Sha De Ke Mar Bren Tay Cor Dar Kay Mc Al El Cal Har Jo Ro Va Wil Tre Mi Na Ash \
             Ran Lin Bri Sa Ty Dev",
            "son lyn vin den ella isha ard ton nette mond rell dra line las mer die ley win rick \
             ta nda na shawn cie rene tine wood vid ter la",
        ],
        family_parts: [
            "Ab Al Ben Ber Blan Bo Bra Bur Cal Car Chan Co Cran Dal Dan De Don Du Ed El Fal Far Fi \
             Gal Gar Gil Gra Hal Ham Har Hol Hu In Ja Kel Ken Kim La Lan Lin Lo Mac Mal Man Mar Mc \
             Mel Mil Mo Nor Oak Pen Pol Ra Ran Ros Ru Sal San Sha Shel Sta Ste Tal Tra Van Wal War \
             Wel Whi Win Wy Yar Zim",
            "der ler ma ne ro sel tin ver bi con fer go ke la me na per ri san ti ve wor",
            "son ton man ley field berg ford ski well er ing ell ett wood worth by den ham land \
             stein ock more low ston dale ner nor ter sey rick ard ero ello vich maier quist bach",
        ],
        given_tail: 0.31,
        family_tail: 0.70,
    },
    NameList {
        given: "David Sarah John Michael Paul Emma Lisa Andrew Mark Stephen James Susan Karen \
            Jennifer Peter Richard Jones Claire Christopher Robert Simon Nicola Helen Michelle \
            Alison Julie Joanne Philip Rebecca Lewis Jack Thomas Daniel Matthew Anthony Ian Kevin \
            Jodie Abbie Lucy Sophie Amy Charlotte Chloe Hannah Jessica Emily Olivia Ellie Gemma \
            Natalie Kelly Laura Rachel Victoria Samantha Louise Jane Elizabeth Catherine Gary \
            Stuart Graham Alan Neil Colin Keith Martin Trevor Gavin Craig Lee Jamie Ryan Luke Adam \
            Ben Connor Callum Liam Owen Rhys Harry George Oliver Charlie Alfie Jacob Oscar Joshua \
            Ethan Dylan Kieran Dominic Elliot Harriet Poppy Grace Lily Freya Isla Imogen Phoebe \
            Abdul Mohammed Imran Aisha Fatima Bradley Declan Duncan Fiona Heather Hilary Irene \
            Janet Joan Kathleen Lesley Lorraine Maureen Norman Patricia Raymond Roger Shirley \
            Terence Valerie Wayne Wendy Zoe Zachary Abigail Bethany Maria Leonard Arthur Frank",
        family: "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson \
            Evans Walker White Roberts Green Hall Wood Jackson Clarke Patel Khan Lewis James \
            Phillips Mason Mitchell Rose Davis Rodgers Morris Murphy Price Bennett Young Allen \
            King Harris Martin Cooper Hill Ward Hughes Moore Clark Lee Baker Harrison Edwards \
            Turner Morgan Scott Watson Parker Cook Bailey Bell Kelly Carter Anderson Campbell \
            Stewart Reid Murray Ross Graham Hamilton Johnston Gray Robertson Ali Ahmed Hussain \
            Begum Adams Shaw Simpson Richardson Chapman Ellis Palmer Webb Rogers Mills Stevens \
            Foster Powell Owen Lloyd Barker Knight Matthews Hunt Dixon Holmes Marshall Fisher \
            Barnes Butler Russell Harvey Pearson Burton Walsh Fletcher Saunders Howard Gibson \
            Andrews Jenkins Rees Griffiths Chambers Armstrong Carr Atkinson Lawson Spencer Gardner",
        given_parts: [
            "Al An Bar Ber Cal Clem Dar Ed El Fen Gar Har Ing Jas Kas Leo Mar Nor Or Per Ros Sel \
             Tam Win",
            "an ella ina wyn ard ia en mund ice elle ert lin is ora win eth ton na vyn ley",
        ],
        family_parts: [
            "Ack Ald Ash Bar Bex Birk Black Bram Brock Brad Cald Carl Chad Clay Crom Croft Dar Den \
             Dray East Elm Fair Farn Gate Gold Grim Hart Hay Heath Hol Hurst Kings Lang Lock Mar \
             Mel New North Oak Pem Pick Ravens Red Rams Sand Sel Shef Stan Sut Thorn Thur Wake Wal \
             Whit Wil Win Wood York",
            "en ing le mer ne ring ter thel wen er es in",
            "ton ley ham by worth field ford well shaw croft combe bury bridge stone dale hurst \
             man wick more wood den low son ing gate burn",
        ],
        given_tail: 0.27,
        family_tail: 0.59,
    },
    NameList {
        given: "Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe \
            Werner Horst Frank Dieter Manfred Gerhard Hans Bernd Torsten Mathias Helmut Walter \
            Heinz Martin Jörg Rolf Jens Sven Alexander Jan Rainer Holger Karl Dirk Joachim Ralf \
            Carsten Herbert Oliver Wilhelm Kurt Markus Heinrich Maria Ursula Monika Petra \
            Elisabeth Sabine Renate Helga Karin Brigitte Ingrid Erika Andrea Gisela Claudia \
            Susanne Gabriele Christa Christine Hildegard Anna Birgit Barbara Gerda Heike Margot \
            Angelika Stefanie Julia Katharina Nicole Anja Silke Martina Bodo Lukas Felix Jonas \
            Maximilian Tim Leon Lena Laura Sophie Hannah Lea Sarah Anita Hartwig Helfried Alf \
            Diethard Mirco Raik Telse Nurettin Willibald Traude Ismail Kevin Danuta Margit Otto",
        family: "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann \
            Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun \
            Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid \
            Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz \
            Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler \
            Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus \
            Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt \
            Haas Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann \
            Thomas Voigt Sauer Arnold Wolff Pfeiffer",
        given_parts: [
            "Al Bert Diet Ed Eg Fried Ger Gott Gun Hart Her Hil Il Ing Kon Leo Lud Mar Nor Os Rein \
             Rud Sieg Trau Ul Vol Wil Win",
            "bert gard fried hard helm linde mar mund old rich rid run traud ward wig win",
        ],
        family_parts: [
            "Al Bach Bal Bar Berg Bie Birn Böh Brand Bruch Dan Det Dör Eber Eck Eich Eller Fal \
             Fel Feld Gar Geb Gel Goll Grun Hage Ham Har Heid Hel Holl Kal Kess Klin Kol Kram Lan \
             Lem Lin Loh Mann Mel Nie Nort Ober Pel Ram Reit Rosen Sand Schau Schön Stein Stor \
             Tal Trau Ul Vor Wald Wein Weis Wen Zim Zoll",
            "de el en er ge in kel ler mer ne sen ten ter",
            "mann er berg feld hardt meier ler ner hoff bach stein brecht ke sch ring hausen huber \
             müller inger wald bauer egger ow ig ert",
        ],
        given_tail: 0.31,
        family_tail: 0.68,
    },
    NameList {
        given: "Jean Pierre Michel André Philippe Louis René Alain Jacques Bernard Marcel Daniel \
            Roger Robert Paul Claude Christian Henri Georges Nicolas Patrick Gérard Christophe \
            Joseph Julien Maurice Laurent Frédéric Éric David Stéphane Pascal Sébastien Alexandre \
            Thierry Olivier Antoine Raymond Guillaume Dominique François Vincent Bruno Yves \
            Arthur Jules Marie Jeanne Françoise Monique Catherine Nathalie Isabelle Jacqueline \
            Anne Sylvie Martine Madeleine Nicole Suzanne Hélène Christine Marguerite Denise Louise \
            Christiane Yvonne Valérie Sophie Sandrine Stéphanie Véronique Céline Chantal Simone \
            Aurélie Camille Julie Émilie Charlotte Manon Margaux Victoire Elise Noé Hugo Emmanuel \
            Bertrand Margaud Jeannine Caroline Lucie Mathilde Inès Zoé Chloé Léa Agathe Clémence",
        family: "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon \
            Michel Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert \
            Fontaine Rousseau Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer \
            Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas \
            Henry Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël \
            Meyer Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier \
            Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger \
            Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey",
        given_parts: [
            "Al Ama Bau Cé Clo Dé Ed El Fa Gé Hor Jo Lé Lu Ma Mé Nor O Ré Ro Thé Va Xa Yo",
            "bert cien dine don ette ie ien ise laine lie line mond na rine rard tine vier ton nie",
        ],
        family_parts: [
            "Ai Ar Au Bar Beau Ber Boi Bou Bri Cas Cha Char Cla Cor Cour Da De Del Du Fa Fer Fon \
             Gar Gil Gou Gri Gui Ha Jac Jou La Lan Le Lou Mal Mar Mau Mon Mor Nau Pa Pel Per Poi \
             Pou Ra Re Ri Roc Rou Sa Sau Ser Tour Tri Va Vil Voi",
            "bou che de ga ge la le li lo man mi nan pe qui ran ri ro san te ti va",
            "ard aud ault eau el elle ert et eux ier in ot oux que rand ron tier ville court mont \
             champ let nard neau reau son",
        ],
        given_tail: 0.31,
        family_tail: 0.73,
    },
    NameList {
        given: "Antonio José Manuel Francisco David Juan Javier Daniel Carlos Jesús Alejandro \
            Miguel Rafael Pedro Pablo Ángel Sergio Fernando Jorge Luis Alberto Álvaro Diego Adrián \
            Raúl Enrique Ramón Vicente Iván Rubén Óscar Andrés Joaquín Santiago Eduardo Víctor \
            María Carmen Ana Isabel Laura Cristina Marta Josefa Dolores Lucía Pilar Elena Sara \
            Paula Raquel Rosa Mercedes Beatriz Nuria Silvia Julia Patricia Irene Andrea Montserrat \
            Rocío Mónica Alicia Teresa Ángela Encarnación Yolanda Inmaculada Evaristo Filomena \
            Baltasar Noé Haroldo Nazario Sancho Yago Jordi Galo Saturnino Perlita Gertrudis Marita \
            Soledad Constanza Susanita Toño Nico Martín Mateo Albert Emilio Julieta Violeta \
            Eleuterio Maristela Azahar Jodie Mohamed Lorena Consuelo",
        family: "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín \
            Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro \
            Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega \
            Delgado Castro Ortiz Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés Castillo \
            Santos Lozano Guerrero Cano Prieto Méndez Cruz Calvo Gallego Vidal León Márquez \
            Herrera Peña Flores Cabrera Campos Vega Fuentes Carrasco Diez Caballero Reyes Nieto \
            Aguilar Pascual Santana Herrero Lorenzo Montero Hidalgo Giménez Ibáñez Ferrer Durán \
            Santiago Benítez Mora Vicente Vargas Arias Carmona Crespo Román Pastor Soto Sáez",
        given_parts: [
            "Adel Al Ama Ber Ce Cla Del Di Ed El Fa Feli Ger Her Il Jo Leo Lu Mar Nor Or Pru Ro \
             Sal Se Ti Va Vi",
            "ario cia dina ena ero ida ina isa lio mina na nando nio ona ora sio tina to vio via",
        ],
        family_parts: [
            "Al Alc Am An Ar Bar Ber Bel Ca Cal Cam Car Cas Ce Co Cor Du Ech El Es Es Fer Gal Gar \
             Go Gua He Her Hur Il Iz La Lar Ler Llo Ma Mar Mon Mur Na Ol Or Pa Pe Pla Po Que Re Ro \
             Sa Sal Se So Ta To Tor Ur Va Ve Vi Za",
            "ba be bra ca ce de do ga go la le li ma mi na ne pe ra ri ro ta te ti va ve",
            "ado ales ana aya azo ba da era eta ez illa illo ina iz jo lla lles ndo nte nza ña ño \
             ra res rro ta te za zu",
        ],
        given_tail: 0.31,
        family_tail: 0.62,
    },
    NameList {
        given: "Maria José Ana João Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Luís \
            Gabriel Rafael Daniel Marcelo Bruno Eduardo Felipe Rodrigo Manoel Mateus André \
            Fernando Fábio Leonardo Gustavo Guilherme Leandro Tiago Anderson Ricardo Márcio Jorge \
            Alexandre Roberto Edson Diego Vitor Sérgio Cláudio Adriana Juliana Márcia Fernanda \
            Patrícia Aline Sandra Camila Amanda Bruna Jéssica Letícia Júlia Luciana Vanessa \
            Mariana Gabriela Vera Vitória Larissa Cláudia Beatriz Luana Rita Sônia Renata Eliane \
            Josefa Simone Natália Cristiane Carla Débora Rosângela Otto Caio Davi Benício Enzo \
            Heitor Miguel Bernardo Dante Alice Helena Laura Valentina Heloísa Lorena Cecília",
        family: "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa \
            Ribeiro Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias \
            Nascimento Andrade Moreira Nunes Marques Machado Mendes Freitas Cardoso Ramos \
            Gonçalves Santana Teixeira Araújo Pinto Correia Cunha Cavalcanti Melo Castro Azevedo \
            Monteiro Campos Barros Moura Cruz Reis Batista Duarte Miranda Pires Nogueira Tavares \
            Borges Farias Magalhães Peixoto Sales Xavier Bezerra Fonseca Brito Coelho Aguiar \
            Macedo Rezende Guimarães Leite Neves Siqueira Queiroz Paiva Medeiros Matos Leal",
        given_parts: [
            "Ade Al Ari Cle Cri Da De E Ed Eli Ge Gil Io Ja Jan Jo Ju Ke Lu Ma Mi Na Ra Ro Sil Ta \
             Va Wal Wel We",
            "berto ciano cilda dete dilson elma ilton inaldo ine íria lene lson mara milda nalva \
             nildo raci rildo ton vana",
        ],
        family_parts: [
            "Abra Al Ama An Ar Ba Bar Be Bi Bra Ca Cal Cam Ce Cha Co Cor Da De Es Fa Fer Fi Gal \
             Gou Gra Gui Jar La Li Lou Ma Mar Mei Mo Mu Na Ol Pa Pe Pei Pi Por Qua Ra Re Rui Sa \
             Sam Se Si Ta Te To Va Ve Vi",
            "bei ca ço da dei fa ga gue la lha li mei na nha pei ra ran re ri ro sa ta ti va vei",
            "ada ães ais al ales alho ano ão eda eira eiro elo enho ento ero és es esa inha inho \
             is oni oso ral res reto ro tos",
        ],
        given_tail: 0.33,
        family_tail: 0.60,
    },
    NameList {
        given: "José María Juan Luis Carlos Jesús Francisco Guadalupe Miguel Jorge Antonio \
            Alejandro Pedro Manuel Ricardo Roberto Fernando Daniel Eduardo Javier Martín Rafael \
            Raúl Arturo Sergio Ramón Alberto Enrique Héctor Gerardo Mario Víctor David Salvador \
            Margarita Juana Martha Rosa Verónica Leticia Alejandra Elizabeth Patricia Gabriela \
            Adriana Silvia Ana Teresa Laura Alicia Yolanda Gloria Claudia Sandra Norma Irma \
            Carmen Araceli Rocío Mónica Karla Fernanda Daniela Ximena Valeria Regina Renata \
            Santiago Mateo Sebastián Emiliano Diego Leonardo Ángel Isaac Iker Andrea Violeta \
            Malena Elena Berta Antonia Julio Ernesto Gonzalo Ignacio Horacio Lourdes Esperanza",
        family: "Hernández García Martínez López González Pérez Rodríguez Sánchez Ramírez Cruz \
            Flores Gómez Morales Vázquez Reyes Jiménez Torres Díaz Gutiérrez Ruiz Mendoza Aguilar \
            Ortiz Moreno Castillo Romero Álvarez Méndez Chávez Rivera Juárez Ramos Domínguez \
            Herrera Medina Castro Vargas Guzmán Velázquez Rojas Muñoz Salazar Contreras Luna \
            Ortega Guerrero Estrada Bautista Cortés Soto Alvarado Espinoza Lara Ávila Ríos \
            Cervantes Silva Delgado Vega Márquez Sandoval Fernández León Carrillo Solís Ibarra \
            Mejía Valdez Rosales Navarro Santiago Campos Cabrera Leal Nava Acosta Santos Camacho",
        given_parts: [
            "Abe Ade Al Bel Car Cle Da Edi Eli Es Fi Ger Gri He Il Ir Ja Le Lu Ma Mi Nel Noe Or Ra \
             Ro Sal Yaz",
            "berto ceo cia dia dulio ela elio enia gundo ina lda lina mina na nel nia nor rita sa \
             selda tor via",
        ],
        family_parts: [
            "Al Am An Ar Ba Bar Be Bo Ca Cal Can Cas Ce Cha Co Cor Cu De Es Fi Ga Gar Go Gua He \
             Hua Iz Ja La Li Lo Ma Mal Mon Mo Na Ne Ol Or Pa Pe Pi Po Que Ra Ri Ro Sa Sal Se So Ta \
             Te To Tre Tru Ur Va Ve Vi Ya Za",
            "ba be bra ca ce co da do ga gu la le li lo ma mi na ne que ra ri ro ta te ti va ve",
            "ado ales ana án aya dero do era eta eyo illa illo ín ina izar jo la llo ndo nes nte \
             nza ño ra res rra rro ta te za",
        ],
        given_tail: 0.33,
        family_tail: 0.62,
    },
    NameList {
        given: "Rajesh Amit Sunil Sanjay Vijay Anil Rahul Rakesh Suresh Ravi Manoj Ajay Deepak \
            Ramesh Ashok Mahesh Arun Vinod Mukesh Santosh Pooja Priya Neha Sunita Anita Kavita \
            Rekha Geeta Seema Jyoti Anjali Shweta Nisha Sneha Divya Aarti Ritu Swati Meena Lakshmi \
            Aarav Vivaan Aditya Arjun Sai Reyansh Krishna Ishaan Shaurya Rohan Rohit Karan Kabir \
            Advaith Dhruv Ananya Aadhya Diya Saanvi Myra Ikshita Aahana Yashvi Omisha Ishani \
            Shravya Falak Janaki Radha Rajata Waida Forum Mohammad Abdul Imran Salman Fatima Zoya \
            Naveen Prakash Ganesh Gopal Harish Kiran Nitin Pankaj Sandeep Varun Vikram Yash",
        family: "Kumar Singh Sharma Patel Gupta Shah Verma Khan Reddy Das Yadav Jain Nair Rao Iyer \
            Mehta Joshi Agarwal Mishra Pandey Chauhan Thakur Kapoor Malhotra Chopra Bhatia Sethi \
            Banerjee Mukherjee Chatterjee Ghosh Bose Sen Roy Dutta Pillai Menon Krishnan Raman \
            Subramaniam Desai Kulkarni Patil Deshmukh Naidu Chowdhury Sinha Saxena Srivastava \
            Tiwari Dubey Trivedi Bhatt Parmar Solanki Rathod Gill Sidhu Dhillon Grewal Bajwa Ahmed \
            Ali Hussain Sheikh Ansari Siddiqui Qureshi Iyengar Nagarajan Choudhary Kaur Bhattacharya",
        given_parts: [
            "Aa Abhi Adi Am An Bha Cha De Dha Ga Gau Ha In Ja Ka Ki La Ma Mee Na Ni Pra Ra Ro Sa \
             Shri Su Ta Va Vi Ya",
            "dev dhya jit kshi lini man mita nand nath neet nika nya pal rata ren ri shan shma sh \
             thi tika van veer vi",
        ],
        family_parts: [
            "Aga Am An Ba Bag Bal Bha Bhar Cha Chan Cho Da De Dha Dho Ga Gar Go Gu Ha Ja Jha Ka \
             Kal Kar Ke Kha Ko Kul La Ma Mal Man Me Mo Mu Na Nag Ne Pa Pal Pan Pe Pra Pu Ra Ram Sa \
             San Sha Shi So Su Ta Tha Tri Ug Va Ven Vi Wa",
            "cha da ga ja ka la li ma na ni pa ra ri sa sha ta tha va vi ya",
            "dar dia di gal ia jee kar lal li mal man ndra ni nkar nu pal pathi rajan ram ran ria \
             shi swamy thi va vel wal wala war yan",
        ],
        given_tail: 0.35,
        family_tail: 0.60,
    },
    NameList {
        given: "Hiroshi Takashi Kenji Makoto Yutaka Takeshi Akira Kazuo Minoru Shigeru Yoshio \
            Hideki Satoshi Daisuke Kenta Takumi Yuki Haruto Sota Ren Naoki Tetsuya Koji Masashi \
            Osamu Yoko Keiko Kazuko Sachiko Hiroko Yumiko Tomoko Kyoko Noriko Akiko Naoko Mayumi \
            Emi Yuka Ai Sakura Hina Yui Aoi Misaki Nanami Rin Mei Haruka Chiaki Akiyuki Shinto \
            Daiichi Keisa Shoya Eyo Nobuzo Chimi Taro Jiro Ichiro Ryo Sho Tsubasa Kaito Yuto",
        family: "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida \
            Yamada Sasaki Yamaguchi Matsumoto Inoue Kimura Hayashi Shimizu Yamazaki Mori Abe Ikeda \
            Hashimoto Yamashita Ishikawa Nakajima Maeda Fujita Ogawa Goto Okada Hasegawa Murakami \
            Kondo Ishii Saito Sakamoto Endo Aoki Fujii Nishimura Fukuda Ota Miura Fujiwara Okamoto \
            Matsuda Nakagawa Nakano Harada Ono Tamura Takeuchi Kaneko Wada Nakayama Ishida Ueda \
            Morita Hara Shibata Sakai Kudo Yokoyama Miyazaki Miyamoto Uchida Takagi Ando Taniguchi",
        given_parts: [
            "A Aki Chi Dai E Fumi Ha Haru Hide Hiro Jun Ka Kazu Ke Ki Ko Ma Masa Mi Mitsu Na Nao \
             Nobu Ri Sa Shi Taka To Yo Yoshi Yu",
            "hiko hiro ka kazu ki ko mi ne nobu nori o rou ro shi suke ta taka tarou to ya yo yuki \
             zo",
        ],
        family_parts: [
            "Aka Ama Ara Asa Chi Eno Fuji Fuku Haga Hama Hana Hara Hira Hori Ichi Iida Ima Inu Ishi \
             Iwa Kado Kama Kami Kana Kawa Kita Kono Kuro Kusa Mado Maru Masu Matsu Mina Miya Mizu \
             Mori Mura Naga Naka Nishi Nomo Oka Oku Ono Saka Saku Sawa Shima Shira Suga Sugi Taka \
             Take Tani Toku Tsuji Uchi Ume Wata Yama Yasu Yoko Yone",
            "no ga tsu",
            "be bashi da gawa guchi hara hashi hata ishi jima kawa ki ko mi mori moto mura naka no \
             oka saka saki shima shita ta tani to uchi ya yama zaki zawa",
        ],
        given_tail: 0.43,
        family_tail: 0.60,
    },
];
